package dev.credence.data.rollouts;

import dev.credence.core.provenance.InputException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.duckdb.DuckDBDriver;

/** The rows of a Parquet file, read by DuckDB; only the columns that are wanted. */
final class ParquetLog implements AutoCloseable {
    /** Takes one column of a row into the record. */
    @FunctionalInterface
    interface Cell {
        void read(ResultSet row, int column, RolloutRecord record) throws SQLException, BadRecord;
    }

    private final String name;
    private final PathIndex paths;
    private final RewardMode rewardMode;
    private final WorkerTables tables;
    private final Connection connection;
    private final List<String> expressions = new ArrayList<>();
    private final List<Cell> cells = new ArrayList<>();
    private final List<String> rewardNames = new ArrayList<>();
    private final ResultSet rows;

    /** Opens a file. */
    ParquetLog(String name, Path file, PathIndex paths, RewardMode rewardMode, WorkerTables tables)
            throws SQLException {
        this.name = name;
        this.paths = paths;
        this.rewardMode = rewardMode;
        this.tables = tables;
        Properties properties = new Properties();
        properties.setProperty("jdbc_stream_results", "true");
        this.connection = new DuckDBDriver().connect("jdbc:duckdb:", properties);
        String table = "read_parquet('" + file.toString().replace("'", "''") + "')";
        plan(ParquetColumns.of(connection, table));
        Statement statement = connection.createStatement();
        this.rows = statement.executeQuery("SELECT " + String.join(", ", expressions) + " FROM " + table);
    }

    private void plan(ParquetColumns columns) throws SQLException {
        for (Field field : Field.values()) {
            ParquetColumns.Place place = columns.find(paths.fields().paths().getOrDefault(field, List.of()));
            if (place != null) {
                plan(field, place, columns);
            } else if (isRequired(field)) {
                throw new InputException(
                        name,
                        0,
                        field.key(),
                        "missing",
                        paths.fields().missing(field) + "; the columns are " + String.join(", ", columns.names()));
            }
        }
        for (int i = 0; i < paths.extras().size(); i++) {
            int extra = i;
            ParquetColumns.Place place = columns.find(List.of(paths.extras().get(i)));
            if (place != null && (place.isNumber() || place.type().equals("BOOLEAN"))) {
                number(place, (value, record) -> record.extras[extra] = value);
            }
        }
    }

    private boolean isRequired(Field field) {
        return field == Field.PROMPT
                || field == Field.COMPLETION
                || (field == Field.REWARD && rewardMode == RewardMode.REQUIRED);
    }

    private void plan(Field field, ParquetColumns.Place place, ParquetColumns columns) throws SQLException {
        switch (field) {
            case PROMPT -> text(field, place, (value, record) -> record.prompt = value);
            case COMPLETION -> text(field, place, (value, record) -> record.completion = value);
            case SOURCE -> text(field, place, (value, record) -> record.source = tables.sources.number(value));
            case SPLIT -> text(field, place, (value, record) -> record.heldOut = RecordRules.heldOut(value));
            case GROUP -> group(place);
            case FINISHED -> finished(place);
            case REWARD -> rewards(place, columns);
            case TOKEN_LOGP_PRIOR, TOKEN_LOGP_POLICY -> terms(field, place);
            default -> number(require(place.isNumber(), field.key(), place, "a number"), number(field));
        }
    }

    private static NumberTaker number(Field field) {
        return switch (field) {
            case LOGP_PRIOR ->
                (value, record) -> record.logPrior = RecordRules.logProbability(field, value, shown(value));
            case LOGP_POLICY ->
                (value, record) -> record.logPolicy = RecordRules.logProbability(field, value, shown(value));
            case LOGP_SOURCE ->
                (value, record) -> record.logSource = RecordRules.logProbability(field, value, shown(value));
            case TOKENS -> (value, record) -> record.tokens = RecordRules.tokens(value, shown(value));
            case STEP ->
                (value, record) -> {
                    record.step = RecordRules.step(value, shown(value));
                    record.hasStep = true;
                };
            case KL_TOKENS -> (value, record) -> record.klTokens = RecordRules.divergence(value, shown(value));
            case PROMPT_WEIGHT -> (value, record) -> record.weight = RecordRules.weight(value, shown(value));
            default -> throw new IllegalArgumentException("field is " + field + "; it must be a number");
        };
    }

    private interface NumberTaker {
        void take(double value, RolloutRecord record) throws BadRecord;
    }

    private interface TextTaker {
        void take(String value, RolloutRecord record) throws BadRecord;
    }

    private static String shown(double value) {
        return Double.toString(value);
    }

    private ParquetColumns.Place require(boolean kept, String field, ParquetColumns.Place place, String wanted) {
        if (!kept) {
            throw new InputException(name, 0, field, "a column of " + place.type(), "it must be " + wanted);
        }
        return place;
    }

    private void number(ParquetColumns.Place place, NumberTaker taker) {
        add("CAST(" + place.sql() + " AS DOUBLE)", (row, column, record) -> {
            double value = row.getDouble(column);
            if (!row.wasNull()) {
                taker.take(value, record);
            }
        });
    }

    private void text(Field field, ParquetColumns.Place place, TextTaker taker) {
        require(place.isText(), field.key(), place, "a text");
        add(place.sql(), (row, column, record) -> {
            String value = row.getString(column);
            if (value != null) {
                taker.take(value, record);
            }
        });
    }

    private void group(ParquetColumns.Place place) {
        require(
                place.isText() || place.type().endsWith("INT") || place.type().endsWith("INTEGER"),
                "group",
                place,
                "a text or a whole number");
        add("CAST(" + place.sql() + " AS VARCHAR)", (row, column, record) -> {
            String value = row.getString(column);
            if (value != null) {
                record.group = tables.groups.number(value);
            }
        });
    }

    private void finished(ParquetColumns.Place place) {
        require(place.type().equals("BOOLEAN"), "finished", place, "true or false");
        add(place.sql(), (row, column, record) -> record.cut = !row.getBoolean(column) && !row.wasNull());
    }

    private void rewards(ParquetColumns.Place place, ParquetColumns columns) throws SQLException {
        if (!place.isStruct()) {
            reward("reward", "reward", place);
            return;
        }
        for (Map.Entry<String, ParquetColumns.Place> child :
                columns.children(place).entrySet()) {
            reward(child.getKey(), "reward." + child.getKey(), child.getValue());
        }
    }

    private void reward(String rewardName, String field, ParquetColumns.Place place) {
        require(place.isNumber(), field, place, "a number, or a struct of numbers");
        int k = rewardNames.size();
        rewardNames.add(rewardName);
        add("CAST(" + place.sql() + " AS DOUBLE)", (row, column, record) -> {
            double value = row.getDouble(column);
            if (row.wasNull()) {
                throw new BadRecord(field, "missing", paths.fields().missing(Field.REWARD));
            }
            record.rewards[k] = RecordRules.finite(field, value, shown(value));
        });
    }

    private void terms(Field field, ParquetColumns.Place place) {
        require(place.isNumberList(), field.key(), place, "a list of numbers");
        String list = "CAST(" + place.sql() + " AS DOUBLE[])";
        Field sum = field == Field.TOKEN_LOGP_PRIOR ? Field.LOGP_PRIOR : Field.LOGP_POLICY;
        add("list_max(" + list + ")", (row, column, record) -> {
            double largest = row.getDouble(column);
            if (!row.wasNull()) {
                RecordRules.logProbability(field, largest, shown(largest));
            }
        });
        add("list_sum(" + list + ")", (row, column, record) -> {
            double value = row.getDouble(column);
            boolean wanted = Double.isNaN(sum == Field.LOGP_PRIOR ? record.logPrior : record.logPolicy);
            if (!row.wasNull()) {
                double kept = RecordRules.logProbability(field, value, shown(value));
                if (wanted) {
                    number(sum).take(kept, record);
                }
            }
        });
        if (field == Field.TOKEN_LOGP_POLICY) {
            add("len(" + list + ")", (row, column, record) -> {
                int length = row.getInt(column);
                record.tokens = record.tokens < 0 && !row.wasNull() ? length : record.tokens;
            });
        }
    }

    private void add(String sql, Cell cell) {
        expressions.add(sql);
        cells.add(cell);
    }

    /** Moves to the next row. */
    boolean next() throws SQLException {
        return rows.next();
    }

    /** Reads the row into a record. */
    void read(RolloutRecord record) throws SQLException, BadRecord {
        record.clear(NO_BYTES);
        record.rewardNames = rewardNames;
        if (record.rewards.length < rewardNames.size()) {
            record.rewards = new double[rewardNames.size()];
        }
        for (int i = 0; i < cells.size(); i++) {
            cells.get(i).read(rows, i + 1, record);
        }
        RecordRules.require(record.prompt != null, Field.PROMPT, paths.fields());
        RecordRules.require(record.completion != null, Field.COMPLETION, paths.fields());
        RecordRules.finish(record, paths.fields());
    }

    private static final byte[] NO_BYTES = {};

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
