"""What registers (台账、名录) tell: conditions on their rows, and in which unit an object of a register is."""
