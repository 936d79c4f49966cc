package io.siltstone.log.client;

/** Where a storage disk's node listens. */
public record DiskAddress(String host, int port) {

    public DiskAddress {
        if (host.isEmpty() || port < 1 || port > 65_535) {
            throw new IllegalArgumentException("no address: " + host + ":" + port);
        }
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
