package dev.credence.bench.coverage;

import dev.credence.app.command.Subcommand;
import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code credence bench coverage}: how often the audit's intervals cover the truth. */
@Command(
        name = "coverage",
        description = "Draws logs from known worlds and counts how often the audit's 95 %% intervals cover the truth.",
        footer = {
            "",
            "Examples:",
            "  credence bench coverage",
            "  credence bench coverage --full --logs 2000",
            "  credence bench coverage --kinds",
            "  credence bench coverage --verdicts",
            "  credence bench coverage --all"
        })
public final class CoverageBench extends Subcommand {
    private static final int FEW = 1_000;
    private static final int MANY = 5_000;
    private static final int FEW_OF_A_KIND = 200;
    private static final int VERDICTS = 2_000;
    private static final int OF_ALL = 400;
    private static final int REPORTS = 10;

    @Option(
            names = "--logs",
            paramLabel = "N",
            description = "How many logs to draw (default 1,000; with --full 5,000; with --kinds 200 of each; with"
                    + " --verdicts 2,000; with --all 400 of each kind of draw).")
    private @Nullable Integer logs;

    @Option(names = "--full", description = "More logs, and coverage by size of the log, tilt and overlap.")
    private boolean full;

    @Option(
            names = "--kinds",
            description = "By kind of log instead: reward levels, thinned draws, groups, many thin prompts, few prompts"
                    + " of many.")
    private boolean kinds;

    @Option(
            names = "--only",
            paramLabel = "WORD",
            description = "With --kinds: the rows whose name contains it; with --all what is drawn, such as particles.")
    private @Nullable String only;

    @Option(
            names = "--verdicts",
            description =
                    "Wrong labels instead: of policies made to look like what they are not, and of logs that cannot"
                            + " be.")
    private boolean verdicts;

    @Option(
            names = "--all",
            description =
                    "Every interval that is printed instead: of a log, of one of its prompts, of held-out prompts, of"
                            + " what a plan comes to, of a reward model, of means over seeds, of runs of particles, of logs"
                            + " of one source, of whole experiments; and where the truths lie within them.")
    private boolean all;

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
        if (Stream.of(kinds, verdicts, all).filter(asked -> asked).count() > 1) {
            throw InputException.ofSetting(
                    "kinds", Boolean.toString(kinds), "give one of --kinds, --verdicts and --all");
        }
        int standard = verdicts ? VERDICTS : kinds ? FEW_OF_A_KIND : all ? OF_ALL : full ? MANY : FEW;
        int count = logs != null ? logs : standard;
        if (!(count >= 1)) {
            throw InputException.ofSetting("logs", Integer.toString(count), "it must be 1 or more");
        }
        return kinds ? runKinds(count) : verdicts ? runVerdicts(count) : all ? runAll(count) : runMix(count);
    }

    private int runAll(int count) throws IOException {
        List<IntervalStudy.Kind> chosen = chosen(List.of(IntervalStudy.Kind.values()), IntervalStudy.Kind::title);
        Runnable progress =
                progress(chosen.stream().mapToInt(kind -> kind.turns(count)).sum());
        IntervalReport report = new IntervalReport(IntervalStudy.run(chosen, count, common().seed(), progress));
        if (printsText()) {
            report.print(console());
        }
        Provenance provenance = provenance(Map.of("draws", Integer.toString(count)), List.of());
        common().json().write(console(), out -> Json.write(report.document(provenance), out));
        return ExitCode.DONE;
    }

    private int runKinds(int count) throws IOException {
        List<LogKind> chosen = chosen(List.of(LogKind.values()), LogKind::title);
        KindReport report =
                new KindReport(KindStudy.run(chosen, count, common().seed(), progress(count * chosen.size())));
        if (printsText()) {
            report.print(console());
        }
        Provenance provenance = provenance(Map.of("logs", Integer.toString(count)), List.of());
        common().json().write(console(), out -> Json.write(report.document(provenance), out));
        return ExitCode.DONE;
    }

    private <T> List<T> chosen(List<T> all, Function<T, String> title) {
        if (only == null) {
            return all;
        }
        String word = only;
        List<T> chosen =
                all.stream().filter(kind -> title.apply(kind).contains(word)).toList();
        if (chosen.isEmpty()) {
            throw InputException.ofSetting(
                    "only", word, "it must be part of a name, such as '" + title.apply(all.get(0)) + "'");
        }
        return chosen;
    }

    private int runVerdicts(int count) throws IOException {
        VerdictReport report = new VerdictReport(VerdictStudy.run(count, common().seed(), progress(count)));
        if (printsText()) {
            report.print(console());
        }
        Provenance provenance = provenance(Map.of("logs", Integer.toString(count)), List.of());
        common().json().write(console(), out -> Json.write(report.document(provenance), out));
        return ExitCode.DONE;
    }

    private Runnable progress(int count) {
        AtomicInteger done = new AtomicInteger();
        int step = Math.max(1, count / REPORTS);
        return () -> {
            int soFar = done.incrementAndGet();
            if (soFar % step == 0) {
                report(soFar + " of " + count + " logs");
            }
        };
    }

    private int runMix(int count) throws IOException {
        CoverageStudy study = CoverageStudy.run(count, common().seed(), progress(count));
        CoverageReport report = new CoverageReport(study);
        if (printsText()) {
            report.print(console(), full);
        }
        Provenance provenance = provenance(Map.of("logs", Integer.toString(count)), List.of());
        common().json().write(console(), out -> Json.write(report.document(provenance), out));
        return ExitCode.DONE;
    }
}
