package io.siltstone.cli.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class HealthEndpointTest {
    private final AtomicBoolean ready = new AtomicBoolean();

    @Test
    void isReadyOnlyWhenTheProcessIs() throws Exception {
        try (HealthEndpoint endpoint =
                new HealthEndpoint("127.0.0.1", 0, new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), ready::get)) {
            assertThat(get(endpoint, "/health").statusCode()).isEqualTo(200);
            assertThat(get(endpoint, "/ready").statusCode()).isEqualTo(503);

            ready.set(true);

            assertThat(get(endpoint, "/ready").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void tellsTheMemoryOfItsProcess() throws Exception {
        try (HealthEndpoint endpoint =
                new HealthEndpoint("127.0.0.1", 0, new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), ready::get)) {
            assertThat(get(endpoint, "/metrics").body()).contains("jvm_memory_used_bytes");
        }
    }

    private static HttpResponse<String> get(HealthEndpoint endpoint, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
