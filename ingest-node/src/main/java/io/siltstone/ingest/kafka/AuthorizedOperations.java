package io.siltstone.ingest.kafka;

import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.security.authorizer.AclEntry;

/** What a principal may do with a resource, as the bit field that answers carry. Everything, where no rights are kept. */
public final class AuthorizedOperations {

    private AuthorizedOperations() {}

    /** Every operation that Kafka defines for the type. */
    public static int all(ResourceType type) {
        return Utils.to32BitField(AclEntry.supportedOperations(type).stream()
                .map(AclOperation::code)
                .collect(Collectors.toSet()));
    }
}
