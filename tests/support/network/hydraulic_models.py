"""Small models of SWMM and EPANET, as other programs write them."""

SWMM = """[TITLE]
;;Project Title/Notes
小区雨水  a small one

[OPTIONS]
FLOW_UNITS           CMS
INFILTRATION         HORTON
FLOW_ROUTING         DYNWAVE
LINK_OFFSETS         DEPTH
START_DATE           01/01/2020
START_TIME           00:00:00
REPORT_START_DATE    01/01/2020
REPORT_START_TIME    00:00:00
END_DATE             01/01/2020
END_TIME             01:00:00
REPORT_STEP          00:01:00
WET_STEP             00:01:00
DRY_STEP             00:05:00
ROUTING_STEP         5

[RAINGAGES]
G1               INTENSITY 0:05     1.0      TIMESERIES R1

[SUBCATCHMENTS]
;;Name           Rain Gage        Outlet           Area     %Imperv  Width    %Slope   CurbLen
S1               G1               J1               2.0      60       100      0.5      0
S2               G1               j2               1.0      80       80       0.5      0

[SUBAREAS]
S1               0.01       0.1        0.05       0.05       25         OUTLET
S2               0.01       0.1        0.05       0.05       25         OUTLET

[INFILTRATION]
S1               50         5          4          7          0
S2               50         5          4          7          0

[JUNCTIONS]
;;Name           Elevation  MaxDepth   InitDepth  SurDepth   Aponded
J1               10.00      2.0        0          0          0         ; 井一
J2               9.50       2.0        0          0          0
[OUTFALLS]
O1               9.00       FREE                        NO
[CONDUITS]
;;Name           From Node        To Node          Length     Roughness  InOffset   OutOffset  InitFlow   MaxFlow
C1               J1               J2               100        0.013      0          0.1        0          0
C2               J2               O1               100        0.013      0          0          0          0
[XSECTIONS]
C1               CIRCULAR     0.4              0          0          0          1
C2               RECT_CLOSED  0.5              0.8        0          0          1
[TIMESERIES]
R1                          0:00       10
R1                          0:05       60
R1                          0:10       90
R1                          0:15       20
R1                          0:20       0
[REPORT]
CONTINUITY YES
SUBCATCHMENTS ALL
NODES ALL
LINKS ALL
[MAP]
DIMENSIONS 0.000 0.000 300.000 300.000
Units      Meters
[COORDINATES]
J1               100.0              200.0
J2               200.0              200.0
O1               300.0              200.0
[VERTICES]
C1               150.0              210.0
[Polygons]
S1               50.0               150.0
S1               150.0              150.0
S1               150.0              300.0
S1               50.0               300.0
S2               150.0              150.0
S2               250.0              150.0
S2               250.0              300.0
"""

EPANET = """[TITLE]
a small one

[JUNCTIONS]
;ID              \tElev        \tDemand      \tPattern
 A               \t10          \t5           \tP1              \t;
 B               \t12          \t3           \t                \t;
[RESERVOIRS]
 R               \t50          \t            \t;
[TANKS]
 T               \t40          \t2           \t0           \t5           \t10          \t0    \t     \t;
[PIPES]
 P1              \tR           \tA           \t500         \t200         \t130         \t0           \tOpen  \t;
 P2              \tA           \tB           \t300         \t150         \t130         \t0           \tOpen  \t;
 P3              \tB           \tT           \t300         \t150         \t130         \t0           \tOpen  \t;
[PATTERNS]
 P1              \t1.0   1.2   0.8
[TIMES]
 Duration           \t6:00
 Hydraulic Timestep \t1:00
 Report Timestep    \t1:00
 Pattern Timestep   \t1:00
[REPORT]
 Status             \tNo
[OPTIONS]
 Units              \tLPS
 Headloss           \tH-W
[COORDINATES]
 A               \t100         \t100
 B               \t200         \t100
 R               \t0           \t100
 T               \t300         \t100
[END]
"""
