package dev.credence.bench.speed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The floor that the audit is measured against: DuckDB counts the records of a log and sums three numbers of each. */
final class DuckDbCount {
    private DuckDbCount() {}

    /** Runs the query in this process; the connection is open before the clock starts. */
    static Timing run(Path log, long records, int threads) throws IOException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("SET threads = " + threads);
            Timing.Timed<Long> counted = Timing.of(() -> count(statement, log));
            if (counted.result() != records) {
                throw new IllegalStateException("DuckDB counted " + counted.result() + " of " + records + " records");
            }
            return counted.timing();
        } catch (SQLException e) {
            throw new IOException("DuckDB could not count the log: " + e.getMessage(), e);
        }
    }

    private static long count(Statement statement, Path log) {
        String query = "SELECT count(*), sum(reward), sum(logp_prior), sum(logp_policy) FROM read_json('"
                + log.toString().replace("'", "''")
                + "', format = 'newline_delimited',"
                + " columns = {reward: 'DOUBLE', logp_prior: 'DOUBLE', logp_policy: 'DOUBLE'})";
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new UncheckedIOException(new IOException("DuckDB could not count the log: " + e.getMessage(), e));
        }
    }
}
