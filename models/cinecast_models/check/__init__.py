"""What a method must keep to be taken: the laws of the contract, their check, and the loading of plug-ins."""
