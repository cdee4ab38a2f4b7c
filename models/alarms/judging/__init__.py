"""How readings are judged: subjects, truth, holding, course; arrays in, events out."""
