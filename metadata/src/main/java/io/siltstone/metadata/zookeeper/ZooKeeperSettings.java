package io.siltstone.metadata.zookeeper;

/**
 * How to reach the cluster's ZooKeeper.
 *
 * @param connect host:port pairs, separated by commas
 * @param root the znode under which everything of the cluster lies, such as {@code /siltstone}
 * @param sessionTimeoutMs after which a silent node counts as gone
 * @param connectTimeoutMs how long the first connection may take
 */
public record ZooKeeperSettings(String connect, String root, int sessionTimeoutMs, int connectTimeoutMs) {

    public static final String DEFAULT_ROOT = "/siltstone";
    public static final int DEFAULT_SESSION_TIMEOUT_MS = 3_000;
    public static final int DEFAULT_CONNECT_TIMEOUT_MS = 15_000;

    public ZooKeeperSettings {
        if (!root.matches("(/[A-Za-z0-9._-]+)+")) {
            throw new IllegalArgumentException("ZooKeeper root '" + root + "' is not a path such as " + DEFAULT_ROOT);
        }
        if (connect.isEmpty() || connect.contains("/")) {
            throw new IllegalArgumentException("ZooKeeper address '" + connect
                    + "' is not a list of host:port pairs; a root is set apart from it");
        }
    }

    public static ZooKeeperSettings of(String connect) {
        return new ZooKeeperSettings(connect, DEFAULT_ROOT, DEFAULT_SESSION_TIMEOUT_MS, DEFAULT_CONNECT_TIMEOUT_MS);
    }

    public ZooKeeperSettings withSessionTimeoutMs(int newSessionTimeoutMs) {
        return new ZooKeeperSettings(connect, root, newSessionTimeoutMs, connectTimeoutMs);
    }

    public ZooKeeperSettings withConnectTimeoutMs(int newConnectTimeoutMs) {
        return new ZooKeeperSettings(connect, root, sessionTimeoutMs, newConnectTimeoutMs);
    }
}
