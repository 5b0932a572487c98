package dev.credence.data.rollouts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.provenance.InputException;
import dev.credence.data.files.DuckDb;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The rows of a Parquet file, read by DuckDB; only the columns that are wanted. */
final class ParquetLog implements AutoCloseable {
    /** Takes one column of a row into the record. */
    @FunctionalInterface
    interface Cell {
        void read(ResultSet row, int column, RolloutRecord record)
                throws SQLException, BadRecord, JsonProcessingException;
    }

    private static final ObjectMapper TREES = new ObjectMapper();
    private static final String BOOLEAN = "BOOLEAN";

    private final String name;
    private final PathIndex paths;
    private final RewardMode rewardMode;
    private final WorkerTables tables;
    private final Connection connection;
    private final List<String> expressions = new ArrayList<>();
    private final List<Cell> cells = new ArrayList<>();
    private final List<String> rewardNames = new ArrayList<>();
    private final Set<Field> planned = EnumSet.noneOf(Field.class);
    private final List<String> columnNames;
    private final ResultSet rows;

    /** Opens a file. */
    ParquetLog(String name, Path file, PathIndex paths, RewardMode rewardMode, WorkerTables tables)
            throws SQLException {
        this.name = name;
        this.paths = paths;
        this.rewardMode = rewardMode;
        this.tables = tables;
        this.connection = DuckDb.open(true, file);
        boolean opened = false;
        try {
            String table = "read_parquet(" + DuckDb.quoted(file.toString()) + ", hive_partitioning = false)";
            ParquetColumns columns = ParquetColumns.of(connection, table);
            this.columnNames = columns.names();
            plan(columns);
            Statement statement = connection.createStatement();
            this.rows = statement.executeQuery("SELECT " + String.join(", ", expressions) + " FROM " + table);
            opened = true;
        } finally {
            if (!opened) {
                connection.close(); // megabytes outside Java's memory, which nothing else would give back
            }
        }
    }

    private void plan(ParquetColumns columns) throws SQLException {
        for (Field field : Field.values()) {
            List<String> places = paths.fields().paths().getOrDefault(field, List.of());
            int rank = columns.rank(places);
            if (rank >= 0) {
                planned.add(field);
                plan(field, rank, Objects.requireNonNull(columns.find(places.get(rank))), columns);
            } else if (!(field == Field.REWARD && rewardColumns(columns)) && isRequired(field)) {
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
            ParquetColumns.Place place = columns.find(paths.extras().get(i));
            if (place != null && (place.isNumber() || place.type().equals("BOOLEAN"))) {
                number(place, (value, record) -> record.extras[extra] = value);
            }
        }
    }

    /** Plans the rewards that a format names after its functions; whether there are any. */
    private boolean rewardColumns(ParquetColumns columns) throws SQLException {
        LogFormat format = fields().format();
        List<String> rewards = format == null ? List.of() : format.rewardColumns(columns.names());
        for (String column : rewards) {
            reward(column, "reward." + column, Objects.requireNonNull(columns.find(column)));
        }
        return !rewards.isEmpty();
    }

    private boolean isRequired(Field field) {
        return field == Field.PROMPT
                || field == Field.COMPLETION
                || (field == Field.REWARD && rewardMode == RewardMode.REQUIRED);
    }

    private void plan(Field field, int rank, ParquetColumns.Place place, ParquetColumns columns) throws SQLException {
        switch (field) {
            case PROMPT -> textOrMessages(field, place, (value, record) -> record.prompt = value);
            case COMPLETION -> textOrMessages(field, place, (value, record) -> record.completion = value);
            case SOURCE -> word(field, place, (value, record) -> record.source = tables.sources.number(value));
            case SPLIT ->
                word(
                        field,
                        place,
                        (value, record) -> record.heldOut =
                                RecordRules.heldOut(fields().values().of(field, value)));
            case GROUP -> group(place);
            case FINISHED -> finished(rank, place);
            case REWARD -> rewards(place, columns);
            case TOKEN_LOGP_PRIOR, TOKEN_LOGP_POLICY -> terms(field, place);
            case IDS -> ids(place);
            case KEPT -> kept(place, columns);
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
            case DRAWS ->
                (value, record) -> {
                    record.draws = RecordRules.draws(value, shown(value));
                    record.thinned = true;
                };
            case LAMBDA -> (value, record) -> record.lambda = RecordRules.lambda(value, shown(value));
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

    private FieldMap fields() {
        return paths.fields();
    }

    private void textOrMessages(Field field, ParquetColumns.Place place, TextTaker taker) {
        if (!place.isStructList()) {
            text(field, place, taker);
            return;
        }
        add("CAST(to_json(" + place.sql() + ") AS VARCHAR)", (row, column, record) -> {
            String value = row.getString(column);
            if (value != null) {
                taker.take(RecordFields.messages(field, TREES.readTree(value)), record);
            }
        });
    }

    /** A text; where words are mapped, numbers and truth values are words, too. */
    private void word(Field field, ParquetColumns.Place place, TextTaker taker) {
        boolean scalar = place.isText() || place.isNumber() || place.type().equals(BOOLEAN);
        boolean cast = fields().values().maps(field) && scalar;
        String sql = cast ? "CAST(" + place.sql() + " AS VARCHAR)" : place.sql();
        text(field, cast ? new ParquetColumns.Place(sql, "VARCHAR") : place, taker);
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

    private void finished(int rank, ParquetColumns.Place place) {
        boolean truth = place.type().equals(BOOLEAN);
        if (!truth || fields().values().maps(Field.FINISHED)) {
            word(Field.FINISHED, place, (value, record) -> record.cut = fields().cut(rank, value));
            return;
        }
        boolean saysCut = EndWords.saysCut(fields().path(Field.FINISHED, rank));
        add(place.sql(), (row, column, record) -> {
            boolean value = row.getBoolean(column);
            record.cut = !row.wasNull() && value == saysCut;
        });
    }

    private void kept(ParquetColumns.Place place, ParquetColumns columns) throws SQLException {
        if (!place.isStruct()) {
            number(
                    require(place.isNumber(), "kept", place, "a number, or a struct of prior and policy"),
                    (value, record) -> {
                        record.kept = RecordRules.kept("kept", value, shown(value));
                        record.thinned = true;
                    });
            return;
        }
        for (Map.Entry<String, ParquetColumns.Place> child :
                columns.children(place).entrySet()) {
            String field = "kept." + child.getKey();
            boolean prior = child.getKey().equals("prior");
            require(
                    child.getValue().isNumber() && (prior || child.getKey().equals("policy")),
                    field,
                    child.getValue(),
                    "a number named prior or policy");
            number(child.getValue(), (value, record) -> {
                double kept = RecordRules.kept(field, value, shown(value));
                record.keptPrior = prior ? kept : record.keptPrior;
                record.keptPolicy = prior ? record.keptPolicy : kept;
                record.thinned = true;
            });
        }
    }

    private void ids(ParquetColumns.Place place) {
        require(place.isNumberList(), "ids", place, "a list of token ids");
        add("CAST(" + place.sql() + " AS DOUBLE[])", (row, column, record) -> {
            Array list = row.getArray(column);
            if (list != null) {
                record.ids.clear();
                record.hasIds = true;
                for (Object id : (Object[]) list.getArray()) {
                    double value = id instanceof Double number ? number : Double.NaN;
                    record.ids.add(RecordRules.id(value, id == null ? "null" : shown(value)));
                }
            }
        });
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
            boolean none = row.wasNull() || (Double.isNaN(value) && fields().format() == LogFormat.TRL);
            record.rewards[k] = none ? Double.NaN : RecordRules.finite(field, value, shown(value)); // another task's
        });
    }

    private void terms(Field field, ParquetColumns.Place place) {
        require(place.isNumberList(), field.key(), place, "a list of numbers");
        add("CAST(" + place.sql() + " AS DOUBLE[])", (row, column, record) -> {
            Array list = row.getArray(column);
            if (list == null) {
                return;
            }
            TokenTerms terms = field == Field.TOKEN_LOGP_PRIOR ? record.priorTerms : record.policyTerms;
            terms.begin();
            for (Object term : (Object[]) list.getArray()) {
                if (!(term instanceof Double value)) {
                    throw terms.missing();
                }
                terms.add(value, shown(value));
            }
        });
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
    void read(RolloutRecord record) throws SQLException, BadRecord, JsonProcessingException {
        record.clear(NO_BYTES);
        record.rewardNames = rewardNames;
        if (record.rewards.length < rewardNames.size()) {
            record.rewards = new double[rewardNames.size()];
        }
        for (int i = 0; i < cells.size(); i++) {
            cells.get(i).read(rows, i + 1, record);
        }
        try {
            RecordRules.require(rewardMode == RewardMode.OPTIONAL || hasReward(record), Field.REWARD, paths.fields());
            RecordRules.require(record.prompt != null, Field.PROMPT, paths.fields());
            RecordRules.require(record.completion != null, Field.COMPLETION, paths.fields());
            RecordRules.finish(record, paths.fields());
        } catch (BadRecord bad) {
            throw bad.isMissing() ? missing(bad) : bad;
        }
    }

    /** A field without a value: in this row alone, or in all since there is no such column. */
    private BadRecord missing(BadRecord bad) {
        return planned.contains(Field.of(bad.field()))
                ? LineFields.ofNull(bad.field())
                : LineFields.among(bad, columnNames, paths.fields());
    }

    private boolean hasReward(RolloutRecord record) {
        for (int k = 0; k < rewardNames.size(); k++) {
            if (!Double.isNaN(record.rewards[k])) {
                return true;
            }
        }
        return false;
    }

    private static final byte[] NO_BYTES = {};

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
