package dev.credence.lab.audits;

import dev.credence.core.provenance.InputException;
import dev.credence.data.files.InputFiles;
import dev.credence.data.rollouts.FileRead;
import dev.credence.data.rollouts.LogPart;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SortedMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A folder of this machine, looked at again and again: a file has come once it has not changed for a while, and again when it changes
 * later. Files are read and steps audited by this process.
 */
final class FolderHere implements FollowedFolder {
    private static final long CACHED = 4_000_000; // records whose parts are kept between reading and auditing

    private final Path watched;
    private final long settled; // nanoseconds for which a file must not have changed
    private final Map<String, Arrived> seen = new HashMap<>();
    private final Map<String, Long> since = new HashMap<>();
    private final Map<String, Arrived> read = new HashMap<>(); // left as they are until they change
    private final LinkedHashMap<String, List<LogPart>> parts = new LinkedHashMap<>();
    private long changed = System.nanoTime();

    /**
     * A folder that is to be followed.
     *
     * @param watched the folder; it may not be there yet
     * @param pace how long a file must lie still
     */
    FolderHere(Path watched, FollowedAudit.Pace pace) {
        this.watched = watched;
        this.settled = pace.settled().toNanos();
    }

    @Override
    public List<Arrived> arrived(Predicate<Arrived> isKnown) throws IOException {
        parts.clear();
        List<Arrived> arrived = new ArrayList<>();
        long now = System.nanoTime();
        for (String file : present()) {
            Arrived stamp;
            try {
                stamp = new Arrived(
                        file,
                        Files.size(Path.of(file)),
                        Files.getLastModifiedTime(Path.of(file)).toMillis());
            } catch (NoSuchFileException e) {
                continue; // it went while it was looked at
            }
            if (!stamp.equals(seen.put(file, stamp))) {
                since.put(file, now);
                changed = isKnown.test(stamp) ? changed : now;
            }
            boolean isStill = now - since.getOrDefault(file, now) >= settled;
            if (isStill && !isKnown.test(stamp) && !stamp.equals(read.get(file))) {
                arrived.add(stamp);
            }
        }
        return arrived;
    }

    private List<String> present() {
        if (!Files.isDirectory(watched)) {
            return List.of();
        }
        try {
            return InputFiles.expand(List.of(watched.toString()));
        } catch (InputException e) {
            return List.of(); // nothing yet
        }
    }

    @Override
    public long changed() {
        return changed;
    }

    @Override
    public Iterator<Held> read(PartedAudit audit, List<String> files) {
        Iterator<String> names = files.iterator();
        return new Iterator<>() {
            private @Nullable Held next;

            @Override
            public boolean hasNext() {
                while (next == null && names.hasNext()) {
                    next = held(audit, names.next());
                }
                return next != null;
            }

            @Override
            public Held next() {
                if (!hasNext() || next == null) {
                    throw new NoSuchElementException();
                }
                Held held = next;
                next = null;
                return held;
            }
        };
    }

    /** Null where it is gone; one that went away while it was read is nobody's. */
    private @Nullable Held held(PartedAudit audit, String file) {
        try {
            FileRead found = audit.read(audit.files().indexOf(file), Path.of(file));
            if (found.facts().broken() != null && !Files.exists(Path.of(file))) {
                return null;
            }
            read.put(file, seen.getOrDefault(file, new Arrived(file, -1, -1)));
            keep(file, found.parts());
            return Held.of(found);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void keep(String file, List<LogPart> its) {
        parts.put(file, its);
        while (parts.size() > 1
                && parts.values().stream()
                                .flatMap(List::stream)
                                .mapToLong(LogPart::records)
                                .sum()
                        > CACHED) {
            parts.remove(parts.keySet().iterator().next());
        }
    }

    @Override
    public void prepare(PartedAudit audit, SortedMap<Long, List<String>> steps) {}

    @Override
    public PartedAudit.@Nullable StepResult audit(PartedAudit audit, long step, List<String> files) throws IOException {
        List<LogPart> records = new ArrayList<>();
        for (String file : files) {
            List<LogPart> its = parts.get(file);
            if (its == null) {
                FileRead again = audit.read(audit.files().indexOf(file), Path.of(file));
                if (again.facts().broken() != null) {
                    throw new NoSuchFileException(file);
                }
                its = again.parts();
                keep(file, its);
            }
            its.stream().filter(part -> part.step() == step).forEach(records::add);
        }
        return records.isEmpty() ? null : audit.stepOfItsOwn(records);
    }

    @Override
    public boolean isThere(String file) {
        return Files.exists(Path.of(file));
    }

    @Override
    public void close() {}
}
