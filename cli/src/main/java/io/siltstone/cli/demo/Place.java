package io.siltstone.cli.demo;

/**
 * Where a record lies, and which party's ledger shows it.
 *
 * @param ledger name of the party, such as {@code replayed}
 */
record Place(String ledger, int partition, long offset) {

    @Override
    public String toString() {
        return ledger + ", partition " + partition + ", offset " + offset;
    }
}
