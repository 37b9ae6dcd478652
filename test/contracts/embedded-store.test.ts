// The embedded store keeps the contract, comes back from its file as it was, and says what is wrong with a file that is none.
