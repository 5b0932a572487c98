package dev.credence.bench.speed;

import dev.credence.app.command.Subcommand;
import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.data.rollouts.LogGenerator;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code credence bench audit}: the speed of an audit beside what people would use instead. */
@Command(
        name = "audit",
        description = "Times reading and auditing of a generated log, beside DuckDB's count of it and a numpy script.",
        footer = {"", "Examples:", "  credence bench audit", "  credence bench audit --full --json speed.json"})
public final class AuditBench extends Subcommand {
    private static final long MILLION = 1_000_000;
    private static final int OUTCOMES = 2_000;
    private static final double BETA = 0.8;
    private static final LogGenerator.PolicyTilt POLICY = new LogGenerator.PolicyTilt(1, 0.3);
    private static final int THREADS = 2;

    @Option(
            names = "--records",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "Records of the log (default 1,000,000).")
    private long records;

    @Option(
            names = "--prompts",
            paramLabel = "N",
            defaultValue = "40",
            description = "Prompts of the log (default 40).")
    private int prompts;

    @Option(
            names = "--repeats",
            paramLabel = "N",
            defaultValue = "6",
            description = "Audits of the log; the first, which is slower, is told apart (default 6).")
    private int repeats;

    @Option(names = "--full", description = "A log of 10,000,000 records as well.")
    private boolean full;

    @Mixin
    private final PeerOptions peerOptions = new PeerOptions();

    /**
     * The command.
     *
     * @param console where it prints
     */
    public AuditBench(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        common().json().check(List.of());
        if (!(prompts >= 1 && records >= 4L * prompts && records / prompts <= Integer.MAX_VALUE)) {
            throw InputException.ofSetting(
                    "records", Long.toString(records), "it must be at least 4 for each of the " + prompts + " prompts");
        }
        CasesOptions.requireRepeats(repeats);
        List<SpeedReport> reports = new ArrayList<>();
        reports.add(measure(records));
        if (full) {
            reports.add(measure(10 * MILLION));
        }
        if (printsText()) {
            reports.forEach(report -> report.print(console()));
        }
        Provenance provenance =
                provenance(Map.of("records", Long.toString(records), "prompts", Integer.toString(prompts)), List.of());
        common().json().write(console(), out -> Json.write(SpeedReport.document(reports, provenance), out));
        return ExitCode.DONE;
    }

    private SpeedReport measure(long wanted) throws IOException {
        Path log = Files.createTempFile("credence-bench", ".jsonl");
        log.toFile().deleteOnExit(); // where a signal ends the process
        try {
            int perSource = (int) (wanted / (2L * prompts));
            report("writing a log of " + 2L * prompts * perSource + " records");
            write(log, new LogGenerator.Size(prompts, perSource, OUTCOMES));
            report("auditing it " + repeats + " times");
            AuditSpeed speed = AuditSpeed.measure(log, repeats, common().seed(), BETA);
            report("counting it with DuckDB");
            List<Timing> counts = new ArrayList<>();
            for (int i = 0; i < repeats; i++) {
                counts.add(DuckDbCount.run(log, speed.records(), THREADS));
            }
            int peerRuns = wanted > MILLION ? 1 : Math.min(repeats, 3);
            report("running the Python peers");
            return new SpeedReport(
                    prompts,
                    Files.size(log),
                    speed,
                    counts,
                    peer("count_duckdb.py", log, peerRuns),
                    peer("audit_numpy.py", log, peerRuns));
        } finally {
            Files.delete(log);
        }
    }

    private PythonPeer.Outcome peer(String script, Path log, int times) throws IOException {
        List<String> arguments = List.of("--beta", Double.toString(BETA), "--threads", Integer.toString(THREADS));
        return new PythonPeer(peerOptions.python(), peerOptions.script(script), arguments).run(log, times);
    }

    private void write(Path log, LogGenerator.Size size) throws IOException {
        SplittableRandom random = new SplittableRandom(common().seed());
        LogGenerator generator = LogGenerator.of(size, POLICY, random);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(log), 1 << 16)) {
            generator.write(out, random);
        }
    }

    /** The floor that the audit is measured against: DuckDB counts the records of a log and sums three numbers of each. */
    static final class DuckDbCount {
        private DuckDbCount() {}

        /** Runs the query in this process; the connection is open before the clock starts. */
        static Timing run(Path log, long records, int threads) throws IOException {
            try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                    Statement statement = connection.createStatement()) {
                statement.execute("SET threads = " + threads);
                Timing.Timed<Long> counted = Timing.of(() -> count(statement, log));
                if (counted.result() != records) {
                    throw new IllegalStateException(
                            "DuckDB counted " + counted.result() + " of " + records + " records");
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
}
