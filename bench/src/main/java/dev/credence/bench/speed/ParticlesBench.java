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
import dev.credence.methods.Smc;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code credence bench particles}: what runs of SMC make of log Z beside genlm-control's on the same target. */
@Command(
        name = "particles",
        description =
                "Estimates log Z of the letters by runs of SMC, ours and genlm-control's in turns: error, spread, questions to the"
                        + " model and time of a run.",
        footer = {
            "",
            "Examples:",
            "  credence bench particles --python venv/bin/python",
            "  credence bench particles --particles 16 --runs 50"
        })
public final class ParticlesBench extends Subcommand {
    private static final String PROMPT = "t";
    private static final double VALUE = 0.5; // reward of a vowel, as the peer's own

    @Mixin
    private final CasesOptions cases = new CasesOptions();

    @Option(
            names = "--particles",
            paramLabel = "K",
            split = ",",
            defaultValue = "16,64",
            description = "Particles of a run (default 16,64).")
    private List<Integer> particles = List.of(16, 64);

    @Option(
            names = "--beta",
            paramLabel = "B",
            split = ",",
            defaultValue = "0.5,0.2",
            description = "Coefficients of KL to the prior (default 0.5,0.2).")
    private List<Double> betas = List.of(0.5, 0.2);

    @Option(
            names = "--horizon",
            paramLabel = "N",
            defaultValue = "5",
            description = "Letters at which a text is cut (default 5).")
    private int horizon;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "200",
            description = "Runs of each, in turns (default 200).")
    private int runs;

    @Mixin
    private final PeerOptions peers = new PeerOptions();

    /**
     * The command.
     *
     * @param console where it prints
     */
    public ParticlesBench(Console console) {
        super(console);
    }

    /**
     * The runs on one target.
     *
     * @param beta coefficient of KL to the prior
     * @param logZ exact, nats
     * @param rows ours and the peer's
     */
    private record Target(double beta, double logZ, List<ParticleTurns.Row> rows) {}

    @Override
    protected int run() throws IOException {
        common().json().check(List.of());
        if (!(runs >= 2)) {
            throw InputException.ofSetting("runs", Integer.toString(runs), "it must be 2 or more");
        }
        if (!(horizon >= 1)) {
            throw InputException.ofSetting("horizon", Integer.toString(horizon), "it must be 1 or more");
        }
        for (int k : particles) {
            if (!(k >= 1)) {
                throw InputException.ofSetting("particles", Integer.toString(k), "it must be 1 or more");
            }
        }
        for (double beta : betas) {
            if (!(beta > 0 && Double.isFinite(beta))) {
                throw InputException.ofSetting("beta", Double.toString(beta), "it must be above 0");
            }
        }
        Path prior = cases.letters();
        List<Target> targets = new ArrayList<>();
        String skipped = "";
        try (OpenModel letters = OpenModel.open(prior.toString())) {
            TorchPeer started = null;
            try {
                started = peers.start(
                        "genlm_smc.py",
                        List.of(prior.toString(), "--prompt", PROMPT, "--horizon", Integer.toString(horizon)));
            } catch (IOException e) {
                skipped = String.valueOf(e.getMessage());
            }
            try (TorchPeer peer = started) {
                for (double beta : betas) {
                    report("runs at beta " + beta);
                    targets.add(target(letters, beta, peer));
                }
            }
        }
        if (printsText()) {
            targets.forEach(this::print);
            if (!skipped.isEmpty()) {
                console().line();
                console().line(Style.PLAIN, "genlm-control was not measured: " + skipped);
            }
        }
        Map<String, @Nullable Object> document = Json.document(
                "credence.bench.particles/1",
                provenance(Map.of("runs", Integer.toString(runs), "horizon", Integer.toString(horizon)), List.of()));
        document.put("targets", targets.stream().map(ParticlesBench::fields).toList());
        document.put("skipped", skipped);
        common().json().write(console(), out -> Json.write(document, out));
        return ExitCode.DONE;
    }

    private Target target(OpenModel model, double beta, @Nullable TorchPeer peer) throws IOException {
        int[] prompt = model.prompt(PROMPT, BeginToken.YES);
        String reward = VALUE + "*count:[aeiou]";
        TextTokens tokens = model.texts().tokenizer().tokens(model.transformer().vocabulary(), horizon);
        TokenEvidence evidence =
                Evidence.reward(RewardExpression.parse(reward)).times(1).on(tokens, "");
        DrawnEvidence asked = DrawnEvidence.of(ids -> evidence);
        ParticleTurns turns = new ParticleTurns(runs, common().seed());
        List<ParticleTurns.Row> rows = new ArrayList<>();
        double logZ = Double.NaN;
        for (int k : particles) {
            Smc twisted = Smc.twisted(k).atKl(beta);
            ParticleModel exact = twisted.condition(model.transformer(), asked, horizon);
            exact.runs(prompt, 1, new SplittableRandom(1)); // refuses a log Z that is not known to rounding
            logZ = exact.logPartition(prompt).upper();
            Map<String, Smc> beside = new LinkedHashMap<>(); // by the peer's proposal; the last two have none
            beside.put("prior", Smc.of(k));
            beside.put("local", Smc.twisted(k).expecting(Smc.Expected.NONE));
            for (Map.Entry<String, Smc> one : beside.entrySet()) {
                String title = one.getKey().equals("prior") ? "smc" : "twisted-smc, twist none";
                ParticleModel policy = one.getValue().atKl(beta).condition(model.transformer(), asked, horizon);
                if (peer == null) {
                    rows.add(turns.alone(title, policy, prompt, logZ));
                } else {
                    rows.addAll(turns.beside(
                            title, policy, prompt, logZ, new ParticleTurns.Peer(peer, one.getKey(), beta)));
                }
            }
            rows.add(turns.alone(
                    "twisted-smc, learned",
                    twisted.expecting(Smc.Expected.LEARNED).condition(model.transformer(), asked, horizon),
                    prompt,
                    logZ));
            rows.add(turns.alone("twisted-smc, exact", exact, prompt, logZ));
        }
        return new Target(beta, logZ, rows);
    }

    private void print(Target target) {
        console().line();
        console()
                .line(
                        Style.BOLD,
                        "beta " + target.beta + ", log Z " + FigureFormat.of(target.logZ) + " nats; " + runs + " runs");
        TextTable table = new TextTable(0)
                .words("method", 26)
                .numbers("K")
                .numbers("log Ẑ − log Z")
                .numbers("spread")
                .numbers("Ẑ/Z")
                .numbers("±")
                .numbers("asked")
                .numbers("ms");
        for (ParticleTurns.Row row : target.rows) {
            table.row(
                    Style.PLAIN,
                    row.title(),
                    Integer.toString(row.particles()),
                    FigureFormat.of(row.gap()),
                    FigureFormat.of(row.spread()),
                    FigureFormat.of(row.ratio()),
                    FigureFormat.of(row.ratioError()),
                    FigureFormat.of(row.asked()),
                    FigureFormat.of(1000 * row.seconds()));
        }
        table.print(console());
    }

    private static Map<String, @Nullable Object> fields(Target target) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("beta", target.beta);
        fields.put("log_z", target.logZ);
        fields.put("rows", target.rows.stream().map(ParticlesBench::fields).toList());
        return fields;
    }

    private static Map<String, @Nullable Object> fields(ParticleTurns.Row row) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("method", row.title());
        fields.put("particles", row.particles());
        fields.put("gap", row.gap());
        fields.put("spread", row.spread());
        fields.put("ratio", row.ratio());
        fields.put("ratioError", row.ratioError());
        fields.put("asked", row.asked());
        fields.put("seconds", row.seconds());
        return fields;
    }
}
