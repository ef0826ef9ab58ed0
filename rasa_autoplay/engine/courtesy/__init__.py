"""Gates: may this user be interrupted now?"""
