package dev.credence.core.figures;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table of results: what a CSV file, a page and a document for programs show alike.
 *
 * @param title what it shows, one line
 * @param columns their names, with units where there are some
 * @param rows (rows, columns) of texts, numbers, truth values, and null where there is nothing
 */
public record DataTable(String title, List<String> columns, List<List<@Nullable Object>> rows) {
    /**
     * Checks the shape and copies it.
     *
     * @param title as above
     * @param columns as above
     * @param rows as above
     * @throws IllegalArgumentException unless each row has a cell a column
     */
    public DataTable {
        columns = List.copyOf(columns);
        List<List<@Nullable Object>> copied = new ArrayList<>();
        for (List<@Nullable Object> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(
                        "row is " + row + "; it must have a cell for each of the columns " + columns);
            }
            copied.add(Collections.unmodifiableList(new ArrayList<>(row)));
        }
        rows = List.copyOf(copied);
    }

    /**
     * Collects rows.
     *
     * @param title what the table shows
     * @param columns their names
     * @return to be filled
     */
    public static Builder of(String title, String... columns) {
        return new Builder(title, List.of(columns));
    }

    /** Rows as they come. */
    public static final class Builder {
        private final String title;
        private final List<String> columns;
        private final List<List<@Nullable Object>> rows = new ArrayList<>();

        private Builder(String title, List<String> columns) {
            this.title = title;
            this.columns = columns;
        }

        /**
         * Adds a row.
         *
         * @param cells one a column
         * @return this
         */
        public Builder row(@Nullable Object... cells) {
            rows.add(Arrays.asList(cells));
            return this;
        }

        /** {@return the table of the rows so far} */
        public DataTable build() {
            return new DataTable(title, columns, rows);
        }
    }
}
