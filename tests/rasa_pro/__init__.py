"""Both channels on Rasa Pro's own classes, as far as Rasa Pro can be used without a licence."""
