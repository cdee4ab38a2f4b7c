"""Looking into building models: their tree, values, rules, measures, quality, and the facts a city takes from them."""
