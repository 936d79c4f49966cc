package io.siltstone.testkit.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Java client of the version that this build uses, and of the newest one. */
@ExtendWith(ClusterUnderTest.class)
class JavaClientsTest {

    /** Where the build puts the newest client and what it needs. */
    private static final Path NEWEST = Path.of("target", "newest-client");

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void thePinnedClientWorksInGroups(String protocol, ClusterUnderTest.Address cluster) throws Exception {
        assertThat(version(JavaClientsTest.class.getClassLoader())).startsWith("4.3.");

        GroupRoundTrip.run(cluster.bootstrap(), "pinned-" + UUID.randomUUID(), protocol);
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void theNewestClientWorksInGroups(String protocol, ClusterUnderTest.Address cluster) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(newestClient(), ClassLoader.getPlatformClassLoader())) {
            thread.setContextClassLoader(loader);
            assertThat(version(loader)).startsWith("4.4.");

            loader.loadClass(GroupRoundTrip.class.getName())
                    .getMethod("run", String.class, String.class, String.class)
                    .invoke(null, cluster.bootstrap(), "newest-" + UUID.randomUUID(), protocol);
        } catch (InvocationTargetException e) {
            throw new AssertionError("the newest client failed", e.getCause());
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static String version(ClassLoader loader) throws IOException {
        Properties properties = new Properties();
        try (InputStream stream = loader.getResourceAsStream("kafka/kafka-version.properties")) {
            properties.load(stream);
        }
        return properties.getProperty("version");
    }

    private static URL[] newestClient() throws IOException {
        List<URL> urls = new ArrayList<>();
        urls.add(GroupRoundTrip.class.getProtectionDomain().getCodeSource().getLocation());
        try (Stream<Path> jars = Files.list(NEWEST)) {
            for (Path jar : jars.sorted().toList()) {
                urls.add(url(jar));
            }
        }
        return urls.toArray(URL[]::new);
    }

    private static URL url(Path path) throws MalformedURLException {
        return path.toUri().toURL();
    }
}
