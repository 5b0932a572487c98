package dev.credence.bench.speed;

import dev.credence.app.command.Subcommand;
import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.TextTokens;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.InputException;
import dev.credence.data.json.Json;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.OpenModel;
import dev.credence.methods.DrawnEvidence;
import dev.credence.methods.ParticleModel;
import dev.credence.methods.ParticleRun;
import dev.credence.methods.Smc;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code credence bench smc}: particles beside plain draws, in tokens a second and in texts for one text of the posterior. */
@Command(
        name = "smc",
        description =
                "Times SMC's tokens beside plain draws of the same model, turn by turn, and counts what it takes to come near"
                        + " the posterior of the letters beside rejection and best-of-n.",
        footer = {"", "Examples:", "  credence bench smc", "  credence bench smc --cases ../shared/cases --repeats 15"})
public final class SmcBench extends Subcommand {
    private static final int WARM_UP = 12;
    private static final int HORIZON = 5;

    @Mixin
    private final CasesOptions cases = new CasesOptions();

    @Option(
            names = "--repeats",
            paramLabel = "N",
            defaultValue = "9",
            description = "Turns of each, alternating (default 9).")
    private int repeats;

    @Option(
            names = "--kl",
            paramLabel = "NATS",
            defaultValue = "0.05",
            description = "How near to the posterior a text's law must be (default 0.05).")
    private double kl;

    /**
     * The command.
     *
     * @param console where it prints
     */
    public SmcBench(Console console) {
        super(console);
    }

    /** Tokens a second of one model, and the medians of the turns' ratios, by the clock and by processor time. */
    private record Speed(String title, double plain, double particles, double ratio, double processor) {}

    @Override
    protected int run() throws IOException {
        common().json().check(List.of());
        CasesOptions.requireRepeats(repeats);
        if (!(kl > 0)) {
            throw InputException.ofSetting("kl", Double.toString(kl), "it must be above 0");
        }
        List<Speed> speeds = new ArrayList<>();
        Map<String, List<SmcCost.Row>> costs = new LinkedHashMap<>();
        try (OpenModel plays = OpenModel.open(cases.plays().toString())) {
            report("drawing 24 tokens of the plays");
            speeds.add(speed("plays, 64 × 24", plays, "ROMEO:\n", 24, "min(1,0.5*count:love)", 0.5, 64));
            speeds.add(speed("plays, 256 × 24", plays, "ROMEO:\n", 24, "min(1,0.5*count:love)", 0.5, 256));
        }
        try (OpenModel letters = OpenModel.open(cases.letters().toString())) {
            report("drawing the letters");
            speeds.add(speed("letters, 64 × 5", letters, "", HORIZON, "0.5*count:[aeiou]", 0.5, 64));
            speeds.add(speed("letters, 256 × 5", letters, "", HORIZON, "0.5*count:[aeiou]", 0.5, 256));
            for (double beta : new double[] {0.5, 0.2}) {
                report("texts for one text of the posterior at beta " + beta);
                int[] prompt = letters.prompt("t", BeginToken.YES);
                costs.put(
                        "beta " + beta,
                        new SmcCost(letters, prompt, HORIZON, "0.5*count:[aeiou]", beta).rows(kl, 2000));
            }
        }
        if (printsText()) {
            print(speeds, costs);
        }
        Map<String, @Nullable Object> document =
                Json.document("credence.bench.smc/1", provenance(Map.of("kl", Double.toString(kl)), List.of()));
        document.put("speed", speeds.stream().map(SmcBench::fields).toList());
        Map<String, @Nullable Object> byBeta = new LinkedHashMap<>();
        costs.forEach((beta, rows) ->
                byBeta.put(beta, rows.stream().map(SmcBench::fields).toList()));
        document.put("cost", byBeta);
        common().json().write(console(), out -> Json.write(document, out));
        return ExitCode.DONE;
    }

    private Speed speed(
            String title, OpenModel model, String text, int horizon, String reward, double beta, int particles) {
        int[] prompt = model.prompt(text, BeginToken.YES);
        TextTokens tokens = model.texts().tokenizer().tokens(model.transformer().vocabulary(), horizon);
        TokenEvidence evidence =
                Evidence.reward(RewardExpression.parse(reward)).times(1).on(tokens, text);
        ParticleModel policy =
                Smc.of(particles).atKl(beta).condition(model.transformer(), DrawnEvidence.of(ids -> evidence), horizon);
        SplittableRandom random = new SplittableRandom(common().seed());
        TorchWork plain = TorchWork.rollouts(model.transformer(), prompt, particles, horizon);
        double[] plains = new double[repeats];
        double[] own = new double[repeats];
        double[] ratios = new double[repeats];
        double[] processor = new double[repeats];
        for (int turn = -WARM_UP; turn < repeats; turn++) {
            Rates there = rates(plain::run);
            Rates here = rates(() -> policy.runs(prompt, 1, random).stream()
                    .mapToLong(ParticleRun::tokens)
                    .sum());
            if (turn >= 0) {
                plains[turn] = there.clock;
                own[turn] = here.clock;
                ratios[turn] = there.clock / here.clock;
                processor[turn] = there.processor / here.processor;
            }
        }
        return new Speed(
                title, Timing.median(plains), Timing.median(own), Timing.median(ratios), Timing.median(processor));
    }

    /** Units a second on the clock, and of processor time. */
    private record Rates(double clock, double processor) {}

    /** Over at least a fifth of a second. */
    private static Rates rates(Run work) {
        double count = 0;
        Timing timing = new Timing(0, 0);
        while (timing.wall() < 0.2) {
            Timing.Timed<Double> once = Timing.of(work::run);
            count += once.result();
            timing = timing.plus(once.timing());
        }
        return new Rates(count / timing.wall(), count / timing.processor());
    }

    @FunctionalInterface
    private interface Run {
        double run();
    }

    private void print(List<Speed> speeds, Map<String, List<SmcCost.Row>> costs) {
        console().line(Style.BOLD, "Tokens a second");
        TextTable table = new TextTable(0)
                .words("model", 20)
                .numbers("plain")
                .numbers("smc")
                .numbers("plain / smc")
                .numbers("by processor");
        for (Speed one : speeds) {
            table.row(
                    Style.PLAIN,
                    one.title,
                    FigureFormat.of(one.plain),
                    FigureFormat.of(one.particles),
                    FigureFormat.of(one.ratio),
                    FigureFormat.of(one.processor));
        }
        table.print(console());
        costs.forEach((beta, rows) -> {
            console().line();
            console().line(Style.BOLD, "Texts of the prior for one within " + kl + " nats of the posterior, " + beta);
            TextTable each = new TextTable(0)
                    .words("method", 26)
                    .numbers("size")
                    .numbers("texts")
                    .numbers("KL(π‖asked) ≤")
                    .numbers("once");
            for (SmcCost.Row row : rows) {
                each.row(
                        Style.PLAIN,
                        row.method(),
                        Double.isNaN(row.size()) ? "–" : FigureFormat.of(row.size()),
                        Double.isInfinite(row.texts()) ? "never" : FigureFormat.of(row.texts()),
                        FigureFormat.of(row.kl()),
                        Long.toString(row.learning()));
            }
            each.print(console());
        });
    }

    private static Map<String, @Nullable Object> fields(Speed speed) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("title", speed.title);
        fields.put("plain", speed.plain);
        fields.put("smc", speed.particles);
        fields.put("ratio", speed.ratio);
        fields.put("processorRatio", speed.processor);
        return fields;
    }

    private static Map<String, @Nullable Object> fields(SmcCost.Row row) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("method", row.method());
        fields.put("size", Double.isNaN(row.size()) ? null : row.size());
        fields.put("texts", Double.isInfinite(row.texts()) ? null : row.texts());
        fields.put("kl", row.kl());
        fields.put("learning", row.learning());
        return fields;
    }
}
