package dev.credence.core.provenance;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the known name that a mistyped one was probably meant to be. */
public final class NearestName {
    private static final int LEAST = 3; // letters of a beginning
    private static final int MANY = 40; // names, more than which are no help beside the one that was meant

    private NearestName() {}

    /**
     * A rule for an error message: the known names, and the one that was probably meant; of dozens that one alone.
     *
     * @param given the unknown name
     * @param known the known names, at least one
     * @return such as {@code did you mean 'prior'? known are: prior, reward}
     */
    public static String hint(String given, Collection<String> known) {
        String all = "known are: " + String.join(", ", known);
        String meant = of(given, known);
        if (meant == null) {
            return all;
        }
        String question = "did you mean '" + meant + "'?";
        return known.size() > MANY ? question : question + " " + all;
    }

    /**
     * The known name that was probably meant: the nearest, else the one that begins so.
     *
     * @param given the unknown name
     * @param known the known names
     * @return it, or null where none is near
     */
    public static @Nullable String of(String given, Collection<String> known) {
        String best = null;
        int bestDistance = Math.max(2, given.length() / 3) + 1;
        for (String name : known) {
            int distance = editDistance(given, name);
            if (distance < bestDistance && distance < name.length()) {
                best = name;
                bestDistance = distance;
            }
        }
        return best == null ? begun(given, known) : best;
    }

    /** The name that begins as typed, letters enough to mean something, where it is the only one or the others go on from it; or null. */
    private static @Nullable String begun(String given, Collection<String> known) {
        List<String> longer = known.stream()
                .filter(name -> given.length() >= LEAST && name.startsWith(given))
                .sorted(Comparator.comparingInt(String::length))
                .toList();
        return longer.isEmpty() || !longer.stream().allMatch(name -> name.startsWith(longer.get(0)))
                ? null
                : longer.get(0);
    }

    /** Levenshtein's distance: insertions, deletions and replacements that turn one name into the other. */
    private static int editDistance(String a, String b) {
        int[] row = new int[b.length() + 1]; // distance of a's beginning to each beginning of b
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
