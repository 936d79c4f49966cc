package io.siltstone.tiering.store;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The S3 adapter against s3proxy inside this JVM, which answers no checksums. */
class S3ProxyObjectStoreTest extends ObjectStoreContract {

    @SuppressWarnings("NullAway.Init")
    private static S3ProxyServer server;

    @SuppressWarnings("NullAway.Init")
    private static S3ObjectStore store;

    @BeforeAll
    static void start() throws Exception {
        server = S3ProxyServer.start();
        store = new S3ObjectStore(settings(server.endpoint(), S3ProxyServer.ACCESS_KEY, S3ProxyServer.SECRET_KEY));
        store.client().createBucket(request -> request.bucket("bucket")).join();
    }

    @AfterAll
    static void stop() throws Exception {
        store.close();
        server.close();
    }

    @Override
    ObjectStore store() {
        return store;
    }
}
