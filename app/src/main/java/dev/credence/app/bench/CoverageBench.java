package dev.credence.app.bench;

import dev.credence.app.command.Subcommand;
import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.json.Json;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code credence bench coverage}: how often the audit's intervals cover the truth. */
@Command(
        name = "coverage",
        description = "Draws logs from known worlds and counts how often the audit's 95 %% intervals cover the truth.",
        footer = {"", "Examples:", "  credence bench coverage", "  credence bench coverage --full --logs 2000"})
public final class CoverageBench extends Subcommand {
    private static final int FEW = 1_000;
    private static final int MANY = 5_000;
    private static final int REPORTS = 10;

    @Option(
            names = "--logs",
            paramLabel = "N",
            description = "How many logs to draw (default 1,000; with --full 5,000).")
    private @Nullable Integer logs;

    @Option(names = "--full", description = "More logs, and coverage by size of the log, tilt and overlap.")
    private boolean full;

    /**
     * The command.
     *
     * @param console where it prints
     */
    public CoverageBench(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        common().json().check(List.of());
        int count = logs != null ? logs : full ? MANY : FEW;
        if (!(count >= 1)) {
            throw InputException.ofOption("--logs", Integer.toString(count), "it must be 1 or more");
        }
        AtomicInteger done = new AtomicInteger();
        int step = Math.max(1, count / REPORTS);
        CoverageStudy study = CoverageStudy.run(count, common().seed(), () -> {
            int soFar = done.incrementAndGet();
            if (soFar % step == 0) {
                report(soFar + " of " + count + " logs");
            }
        });
        CoverageReport report = new CoverageReport(study);
        if (printsText()) {
            report.print(console(), full);
        }
        Provenance provenance = provenance(Map.of("logs", Integer.toString(count)), List.of());
        common().json().write(console(), out -> Json.write(report.document(provenance), out));
        return ExitCode.DONE;
    }
}
