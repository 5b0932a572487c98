package dev.credence.data.rollouts;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds what a reader wants at a place of a record: a field, a number for a reward expression, both, or nothing. */
final class PathIndex {
    /**
     * What is wanted at a place.
     *
     * @param field the field, or null
     * @param rank position among the field's places, the preferred is 0
     * @param extra position among the numbers read by name, or −1
     */
    record Target(@Nullable Field field, int rank, int extra) {}

    private final FieldMap fields;
    private final List<String> extras;
    private final Map<String, Target> targets = new HashMap<>();
    private final Set<String> objects = new HashSet<>();

    /**
     * Indexes the places.
     *
     * @param fields the places of the fields
     * @param extras names of further numbers, read at the place of that name
     */
    PathIndex(FieldMap fields, List<String> extras) {
        this.fields = fields;
        this.extras = List.copyOf(extras);
        fields.paths().forEach((field, paths) -> {
            for (int rank = 0; rank < paths.size(); rank++) {
                add(paths.get(rank), new Target(field, rank, -1));
            }
        });
        for (int i = 0; i < extras.size(); i++) {
            Target there = targets.get(extras.get(i));
            add(extras.get(i), there == null ? new Target(null, 0, i) : new Target(there.field, there.rank, i));
        }
    }

    private void add(String path, Target target) {
        targets.put(path, target);
        for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
            objects.add(path.substring(0, dot));
        }
    }

    /** What is wanted at a path, or null. */
    @Nullable
    Target at(String path) {
        return targets.get(path);
    }

    /** Whether something is wanted inside the object at a path. */
    boolean hasInside(String path) {
        return objects.contains(path);
    }

    FieldMap fields() {
        return fields;
    }

    List<String> extras() {
        return extras;
    }

    /** All places at which something is wanted. */
    List<String> paths() {
        return new ArrayList<>(targets.keySet());
    }
}
