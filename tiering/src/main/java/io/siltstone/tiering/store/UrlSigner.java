package io.siltstone.tiering.store;

import java.net.URI;
import java.time.Duration;

/** Port: makes links by which whoever holds one reads an object, with HTTP ranges, until it expires. No I/O. */
public interface UrlSigner {

    /**
     * Signs a link to one object.
     *
     * @param life how long the link works from now on
     */
    URI signedUrl(String key, Duration life);
}
