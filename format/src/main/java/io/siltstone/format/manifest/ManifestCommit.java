package io.siltstone.format.manifest;

import java.util.List;

/**
 * A change of the manifest that was computed and not yet written. To commit it: put the nodes, put the root object,
 * then let the partition's pointer name the root (rule 12).
 *
 * @param nodes new tree nodes, children first; often none
 */
public record ManifestCommit(ManifestRoot root, ManifestObject rootObject, List<ManifestObject> nodes) {

    public ManifestCommit {
        nodes = List.copyOf(nodes);
    }

    public RootRef ref() {
        return new RootRef(rootObject.key(), rootObject.sha256());
    }
}
