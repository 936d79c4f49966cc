package io.siltstone.tiering.store;

import io.siltstone.tiering.store.ObjectLister.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Collects one page of a folder's files in the order of their keys. Used once, by one thread. */
final class DirectoryListing {

    private final String prefix;
    private final @Nullable String after;
    private final int limit;
    private final List<ObjectInfo> objects = new ArrayList<>();
    private boolean more;

    DirectoryListing(String prefix, @Nullable String after, int limit) {
        this.prefix = prefix;
        this.after = after;
        this.limit = limit;
    }

    Page page() {
        return new Page(objects, more);
    }

    /** @param above the key of the folder, empty or ending with a slash */
    void walk(Path folder, String above) throws IOException {
        for (Child child : children(folder, above)) {
            if (more) {
                return;
            }
            if (child.isFolder()) {
                if (mayHold(child.key())) {
                    walk(child.path(), child.key());
                }
            } else if (child.key().startsWith(prefix) && isAfter(child.key())) {
                add(child);
            }
        }
    }

    private List<Child> children(Path folder, String above) throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.filter(path -> !path.getFileName().toString().startsWith("."))
                    .map(path -> Child.of(path, above))
                    .sorted(Comparator.comparing(Child::key, ObjectKeys.ORDER))
                    .toList();
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of(); // emptied meanwhile
        }
    }

    private void add(Child child) throws IOException {
        if (objects.size() == limit) {
            more = true;
            return;
        }
        try {
            BasicFileAttributes file = Files.readAttributes(child.path(), BasicFileAttributes.class);
            objects.add(new ObjectInfo(
                    child.key(), file.size(), file.lastModifiedTime().toMillis()));
        } catch (NoSuchFileException e) {
            return; // deleted meanwhile
        }
    }

    private boolean mayHold(String folderKey) {
        boolean underPrefix = folderKey.startsWith(prefix) || prefix.startsWith(folderKey);
        return underPrefix && (after == null || after.startsWith(folderKey) || isAfter(folderKey));
    }

    private boolean isAfter(String key) {
        return after == null || ObjectKeys.ORDER.compare(key, after) > 0;
    }

    private record Child(Path path, String key, boolean isFolder) {
        static Child of(Path path, String above) {
            boolean folder = Files.isDirectory(path);
            return new Child(path, above + path.getFileName() + (folder ? "/" : ""), folder);
        }
    }
}
