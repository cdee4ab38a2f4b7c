"""Command (指挥调度): crews, pumps, vehicles and stores, where they are, who is near by road, and what was ordered."""
