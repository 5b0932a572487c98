package dev.credence.data.rollouts;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Rollouts in a form that no log has: how to make one of them. */
public final class OtherForms {
    private static final Set<String> NAMES =
            Set.of("prompt", "completion", "reward", "logp_prior", "logp_policy", "source");

    private OtherForms() {}

    /**
     * Whether a file's first line is the header of a CSV of rollouts: two of a log's fields or more are among its columns.
     *
     * @param line without its end
     * @return whether it is
     */
    public static boolean isHeader(String line) {
        List<String> cells = Arrays.stream(line.split("[,;\t]", -1))
                .map(cell -> cell.strip().replaceAll("^\uFEFF|\"", "").toLowerCase(Locale.ROOT))
                .toList();
        Set<String> found = new HashSet<>(cells);
        found.retainAll(NAMES);
        return found.size() > 1 && !cells.contains("outcome") && line.indexOf('{') < 0;
    }

    /** {@return how a CSV becomes a log, a clause of a rule} */
    public static String ofCsv() {
        return "a log is JSON Lines or Parquet: pandas.read_csv(\"log.csv\").to_json(\"log.jsonl\", orient=\"records\", lines=True)"
                + " makes one of a CSV";
    }

    /**
     * What a line that is no JSON object is of.
     *
     * @param line as it stands in the file
     * @return a clause of the rule that it breaks, with what to do, or nothing
     */
    static String hint(String line) {
        if (isHeader(line)) {
            return "; " + ofCsv();
        }
        return line.strip().startsWith("[") ? "; `jq -c '.[]' FILE` makes lines of an array" : "";
    }
}
