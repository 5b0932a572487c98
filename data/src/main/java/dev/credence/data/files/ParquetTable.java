package dev.credence.data.files;

import dev.credence.core.figures.DataTable;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * Writes a table of results as Parquet. A column of whole numbers is {@code BIGINT}, one of numbers {@code DOUBLE} (infinities
 * stay, what is no number is null), one of truth values {@code BOOLEAN}, any other {@code VARCHAR}.
 */
public final class ParquetTable {
    private enum Type {
        BIGINT,
        DOUBLE,
        BOOLEAN,
        VARCHAR
    }

    private ParquetTable() {}

    /**
     * Writes it.
     *
     * @param table its rows
     * @param file written whole or not at all; its folder exists
     * @throws IOException if it cannot be written
     */
    public static void write(DataTable table, Path file) throws IOException {
        List<Type> types = new ArrayList<>();
        for (int column = 0; column < table.columns().size(); column++) {
            types.add(type(table, column));
        }
        try (ScratchFile written = ScratchFile.beside(file)) {
            copy(table, types, written.path());
            written.put();
        } catch (SQLException e) {
            throw new IOException("DuckDB could not write Parquet: " + e.getMessage(), e);
        }
    }

    private static void copy(DataTable table, List<Type> types, Path file) throws SQLException {
        try (Connection connection = DuckDb.open(false, file);
                Statement statement = connection.createStatement()) {
            List<String> columns = new ArrayList<>();
            for (int column = 0; column < types.size(); column++) {
                String name = table.columns().get(column).replace("\"", "\"\"");
                columns.add('"' + name + "\" " + types.get(column));
            }
            statement.execute(columns.stream().collect(Collectors.joining(", ", "CREATE TABLE results (", ")")));
            try (DuckDBAppender appender = connection
                    .unwrap(DuckDBConnection.class)
                    .createAppender(DuckDBConnection.DEFAULT_SCHEMA, "results")) {
                for (List<@Nullable Object> row : table.rows()) {
                    appender.beginRow();
                    for (int column = 0; column < types.size(); column++) {
                        append(appender, types.get(column), row.get(column));
                    }
                    appender.endRow();
                }
            }
            statement.execute("COPY results TO " + DuckDb.quoted(file.toString())
                    + " (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)");
        }
    }

    private static void append(DuckDBAppender appender, Type type, @Nullable Object cell) throws SQLException {
        if (cell == null || (cell instanceof Double number && number.isNaN())) {
            appender.appendNull();
            return;
        }
        switch (type) {
            case BIGINT -> appender.append(((Number) cell).longValue());
            case DOUBLE -> appender.append(((Number) cell).doubleValue());
            case BOOLEAN -> appender.append((boolean) (Boolean) cell);
            case VARCHAR -> appender.append(cell.toString());
        }
    }

    private static Type type(DataTable table, int column) {
        List<Object> cells = new ArrayList<>();
        for (List<@Nullable Object> row : table.rows()) {
            Object cell = row.get(column);
            if (cell != null) {
                cells.add(cell);
            }
        }
        if (cells.isEmpty()) {
            return Type.VARCHAR;
        }
        if (cells.stream().allMatch(cell -> cell instanceof Long || cell instanceof Integer)) {
            return Type.BIGINT;
        }
        if (cells.stream().allMatch(Number.class::isInstance)) {
            return Type.DOUBLE;
        }
        return cells.stream().allMatch(Boolean.class::isInstance) ? Type.BOOLEAN : Type.VARCHAR;
    }
}
