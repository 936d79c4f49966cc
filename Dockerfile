# One image for every kind of node; what it runs is the command: storage-node, ingest-node or zookeeper. Build the
# distribution first (./siltstone --version, or mvn package). Any base image with Java 17 or newer and bash will do.
ARG BASE_IMAGE=eclipse-temurin:17-jre
FROM ${BASE_IMAGE}

COPY cli/target/distribution /opt/siltstone
RUN mkdir -p /var/lib/siltstone && chown 10001:10001 /var/lib/siltstone && chmod 755 /opt/siltstone/bin/*

USER 10001:10001
VOLUME /var/lib/siltstone
ENTRYPOINT ["/opt/siltstone/bin/siltstone"]
CMD ["--help"]
