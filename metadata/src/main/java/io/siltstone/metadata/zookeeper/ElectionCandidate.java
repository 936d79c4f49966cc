package io.siltstone.metadata.zookeeper;

import io.siltstone.log.chain.Owner;

/** How a candidate for controller is written in its election znode: broker id, '#', incarnation in hexadecimal. */
final class ElectionCandidate {

    private ElectionCandidate() {}

    static String idOf(Owner owner) {
        return owner.node() + "#" + Long.toHexString(owner.incarnation());
    }

    /** The candidate that the text names; fails with {@link IllegalArgumentException} where it names none. */
    static Owner parse(String id) {
        int hash = id.indexOf('#');
        if (hash < 1) {
            throw new IllegalArgumentException("'" + id + "' is not a candidate for controller");
        }
        return new Owner(Integer.parseInt(id.substring(0, hash)), Long.parseUnsignedLong(id.substring(hash + 1), 16));
    }
}
