"""Cases of the operation platform (案件): steps, deadlines, rates, crews, messages of citizens."""
