package io.siltstone.ingest.admin;

import io.siltstone.metadata.MetadataException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Maps what goes wrong in an administrator's request to Kafka's codes. */
final class AdminErrors {

    private static final Logger LOG = LoggerFactory.getLogger(AdminErrors.class);

    private AdminErrors() {}

    static ApiError of(Throwable failure) {
        Throwable cause = Errors.maybeUnwrapException(failure);
        if (cause instanceof MetadataException metadata) {
            return ApiError.fromThrowable(of(metadata));
        }
        if (cause instanceof ConfigException) {
            return ApiError.fromThrowable(new InvalidConfigurationException(cause.getMessage()));
        }
        if (!(cause instanceof ApiException)) {
            LOG.error("An administrator's request failed", cause);
        }
        return ApiError.fromThrowable(cause);
    }

    private static ApiException of(MetadataException failure) {
        if (failure instanceof MetadataException.TopicExists) {
            return new TopicExistsException(failure.getMessage());
        }
        if (failure instanceof MetadataException.NotFound) {
            return new UnknownTopicOrPartitionException(failure.getMessage());
        }
        if (failure.isRetriable()) {
            return new TimeoutException(failure.getMessage()); // done or not, nobody knows: what this code says
        }
        return new InvalidRequestException(failure.getMessage());
    }
}
