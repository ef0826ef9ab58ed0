"""What must a Rasa project have so that its bot speaks first, and how does it come in, and out again?"""
