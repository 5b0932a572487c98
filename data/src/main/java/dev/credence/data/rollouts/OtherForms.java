package dev.credence.data.rollouts;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Rollouts in a form that no log has: how to make one of them. */
public final class OtherForms {
    private static final Set<String> NAMES =
            Set.of("prompt", "completion", "reward", "logp_prior", "logp_policy", "source");

    private static final String OF_ARRAY = "`jq -c '.[]' FILE` makes lines of an array";

    /** Bytes that tell what a file is. */
    private static final int FIRST = 6;

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
     * What a line that is no text is of, by its first bytes: texts of 16 bits, as an editor or a shell may write them, and
     * files of other kinds.
     *
     * @param b the chunk
     * @param from start of the line
     * @param to its end
     * @return what it looks like and how it becomes a log, a clause in brackets, or nothing
     */
    static String ofBytes(byte[] b, int from, int to) {
        String first = new String(b, from, Math.min(FIRST, to - from), StandardCharsets.ISO_8859_1);
        if (first.startsWith("\u00ff\u00fe") || first.startsWith("\u00fe\u00ff") || first.startsWith("{\0")) {
            return " (this looks like UTF-16: `iconv -f UTF-16 -t UTF-8 FILE` turns it)";
        }
        if (first.startsWith("ARROW1")) {
            return " (this is an Arrow or Feather file: pandas.read_feather(\"log\").to_parquet(\"log.parquet\") makes a log)";
        }
        return first.startsWith("PK") ? " (this is a zip archive: unpack it; .gz and .zst are read as they are)" : "";
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
        return line.strip().startsWith("[") ? "; " + OF_ARRAY : "";
    }

    /**
     * How a file becomes a log whose name says that it is none.
     *
     * @param name the file's
     * @return a clause of the rule that it breaks, or nothing
     */
    public static String ofName(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.endsWith(".csv") || lower.endsWith(".tsv")) {
            return "; " + ofCsv();
        }
        return lower.endsWith(".json") ? "; " + OF_ARRAY + ", a name in .jsonl a log of lines" : "";
    }
}
