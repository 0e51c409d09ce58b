"""The pytest suite: behaviour that needs real connections, real HTTP and more than one commit."""
