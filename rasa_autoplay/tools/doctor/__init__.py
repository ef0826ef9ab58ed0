"""`rasa-autoplay doctor`: what is wrong with this installation?"""
