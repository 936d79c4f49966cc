package io.siltstone.cli;

import picocli.CommandLine;

/** The version of this distribution, from its jar. */
final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Siltstone.class.getPackage().getImplementationVersion();
        return new String[] {"siltstone " + (version == null ? "(unpackaged)" : version)};
    }
}
