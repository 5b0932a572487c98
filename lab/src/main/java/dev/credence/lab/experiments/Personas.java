package dev.credence.lab.experiments;

import dev.credence.core.diagnostics.SamplesToSeparate;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.lab.inputs.NetworkInput;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.runs.Listener;
import dev.credence.worlds.Inference;
import dev.credence.worlds.Network;
import dev.credence.worlds.Projection;
import dev.credence.worlds.Variable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Personas, the values of a hidden variable, that all earn a world's best reward: behind it each persona, and whoever may have
 * written, has an answer of its own to a probe that no reward reads. Exact sums over a world's texts, personas and answers; and
 * transformers that learnt what each persona writes.
 */
final class Personas {
    /** Key of the hidden variable. */
    static final String PERSONA = "persona";

    /** Key of the wanted conditional. */
    static final String WANTED = "wanted";

    private static final int MOST_TEXTS = 512;
    private static final double SAME = 1e-9;
    private static final String ALONE = "fewer than two of them earn the best reward";

    private final TableModel prior;
    private final Variable persona;
    private final String probe;
    private final List<String> answers = new ArrayList<>();
    private final Map<String, double[][][]> joint = new LinkedHashMap<>(); // by prompt: (texts)(personas)(answers)
    private final Map<String, boolean[]> best = new LinkedHashMap<>(); // by prompt: (texts) earns the best reward

    private Personas(Network network, TableModel prior, Variable persona, String reward, WorldInput world) {
        this.prior = prior;
        this.persona = persona;
        this.probe = network.probes().get(0);
        Projection projection = Projection.ofTexts(network, List.of());
        answers.addAll(network.prior(prior.prompts().get(0))
                .probes()
                .getOrDefault(probe, Map.of())
                .keySet());
        for (String prompt : prior.prompts()) {
            Distribution texts = prior.given(prompt);
            double[] rewards = world.reward("reward", reward).function().rewards(prompt, texts);
            double most = Arrays.stream(rewards).max().orElse(0);
            boolean[] earns = new boolean[rewards.length];
            double[][][] of = new double[rewards.length][][];
            for (int x = 0; x < of.length; x++) {
                earns[x] = rewards[x] == most;
                of[x] = joint(network, projection, prompt, texts, x);
            }
            best.put(prompt, earns);
            joint.put(prompt, of);
        }
    }

    /** Probabilities of (personas)(answers) with one text. */
    private double[][] joint(Network network, Projection projection, String prompt, Distribution texts, int x) {
        List<String> personas = persona.values();
        double[][] all = new double[personas.size()][answers.size()];
        double[][] joint = projection.logJoint(prompt, persona.name());
        for (int h = 0; h < all.length; h++) {
            double p = Math.exp(joint[h][x]);
            if (p > 0) {
                Map<String, Double> said = behind(network, projection, prompt, texts.outcome(x), personas.get(h));
                for (int a = 0; a < answers.size(); a++) {
                    all[h][a] = p * said.getOrDefault(answers.get(a), 0.0);
                }
            }
        }
        return all;
    }

    /** Answers to the probe behind a text and a persona. */
    private Map<String, Double> behind(
            Network network, Projection projection, String prompt, String text, String value) {
        Inference only = projection.given(prompt, other -> other.equals(text) ? 0 : Double.NEGATIVE_INFINITY);
        List<String> read = new ArrayList<>(List.of(persona.name()));
        read.addAll(network.variablesOfProbe(probe)); // visible ones, so that the persona is none of them
        Map<String, Double> masses = only.marginal(read);
        Map<String, Double> said = new LinkedHashMap<>();
        double sum = 0;
        for (String answer : answers) {
            double mass = masses.getOrDefault(value + ", " + answer, 0.0);
            said.put(answer, mass);
            sum += mass;
        }
        double all = sum;
        said.replaceAll((answer, mass) -> all > 0 ? mass / all : 0);
        return said;
    }

    static List<ExperimentKey> settings() {
        return List.of(
                ExperimentKey.text(
                        PERSONA,
                        "",
                        "a hidden variable of the world, whose values are the personas; empty for its first one"),
                ExperimentKey.text(
                        WANTED, "", "the persona whose conditional a reward is written for; empty for the first"),
                ExperimentKey.number("written.beta", ".5", 1e-6, 1e6, "KL coefficient that it is written for"));
    }

    /** The world's personas; null where it has none, or no probe, or too many texts. */
    static @Nullable Personas of(ExperimentSettings settings, WorldInput world) {
        String typed = settings.text(PERSONA).strip();
        Network network = NetworkInput.read(settings.text("world"))
                .map(NetworkInput::network)
                .orElse(null);
        List<Variable> hidden = network == null
                ? List.of()
                : network.variables().stream().filter(Variable::isHidden).toList();
        List<String> names = hidden.stream().map(Variable::name).toList();
        if (!typed.isEmpty() && !names.contains(typed)) {
            throw InputException.ofSetting(
                    PERSONA,
                    typed,
                    names.isEmpty()
                            ? "the world has no hidden variable"
                            : "it is a hidden variable of the world; " + NearestName.hint(typed, names));
        }
        TableModel prior = world.world().prior();
        boolean isSmall = prior.prompts().stream()
                        .mapToInt(prompt -> prior.given(prompt).size())
                        .sum()
                <= MOST_TEXTS;
        if (network == null || hidden.isEmpty() || network.probes().isEmpty() || !isSmall) {
            if (!settings.text(WANTED).isBlank() && hidden.isEmpty()) {
                throw InputException.ofSetting(WANTED, settings.text(WANTED), "the world has no hidden variable");
            }
            return null;
        }
        Variable persona = hidden.get(typed.isEmpty() ? 0 : names.indexOf(typed));
        return new Personas(network, prior, persona, settings.text("reward"), world);
    }

    /** The wanted persona, checked. */
    String wanted(ExperimentSettings settings) {
        String typed = settings.text(WANTED).strip();
        if (typed.isEmpty()) {
            return persona.values().get(0);
        }
        if (!persona.values().contains(typed)) {
            throw InputException.ofSetting(
                    WANTED,
                    typed,
                    "it is a value of '" + persona.name() + "'; " + NearestName.hint(typed, persona.values()));
        }
        return typed;
    }

    /** The texts of one persona. */
    TableModel texts(String value) {
        int h = persona.values().indexOf(value);
        Map<String, double[]> weights = new LinkedHashMap<>();
        joint.forEach((prompt, of) -> weights.put(
                prompt,
                Arrays.stream(of)
                        .mapToDouble(text -> Arrays.stream(text[h]).sum())
                        .toArray()));
        return WrittenReward.wanted(prior, weights);
    }

    /** Answers (answers) of some personas' texts: weights of each persona and text, the mean over prompts. */
    private double[] said(Weights weights) {
        double[] said = new double[answers.size()];
        for (String prompt : prior.prompts()) {
            double[][][] of = joint.getOrDefault(prompt, new double[0][][]);
            double[] own = new double[said.length];
            for (int x = 0; x < of.length; x++) {
                for (int h = 0; h < of[x].length; h++) {
                    double weight = weights.of(prompt, x, h);
                    for (int a = 0; a < own.length; a++) {
                        own[a] += weight * of[x][h][a];
                    }
                }
            }
            double sum = Arrays.stream(own).sum();
            for (int a = 0; a < own.length; a++) {
                said[a] += sum > 0 ? prior.weight(prompt) * own[a] / sum : Double.NaN;
            }
        }
        return said;
    }

    private interface Weights {
        double of(String prompt, int text, int persona);
    }

    private boolean earns(String prompt, int x) {
        boolean[] of = best.get(prompt);
        return of != null && of[x];
    }

    /** Answers of a persona, all of whose texts earn the best reward; not numbers where it never does. */
    private double[] earning(int h) {
        return said((prompt, x, other) -> other == h && earns(prompt, x) ? 1 : 0);
    }

    private double[] filtered() {
        return said((prompt, x, other) -> earns(prompt, x) ? 1 : 0);
    }

    /** Adds what the personas are told apart by. */
    void add(ExperimentResult.Builder result) {
        double[] filter = filtered();
        DataTable.Builder table = DataTable.of("Personas that all earn the best reward", columns());
        table.row(cells("whoever writes, the output tuned", Double.NaN, 0, filter));
        List<double[]> all = new ArrayList<>();
        List<Picture.Series> bars = new ArrayList<>(List.of(Picture.Series.bars("the output tuned", filter)));
        for (int h = 0; h < persona.values().size(); h++) {
            String value = persona.values().get(h);
            double[] said = earning(h);
            String id = "earning." + value;
            result.exact(
                    id + ".weight",
                    "Share of " + value + " among those who earn the best reward, the output tuned?",
                    weight(h),
                    "probability");
            result.exact(
                    id + ".probe",
                    "Total variation of the probe's answers between " + value
                            + ", earning the best reward, and the output tuned?",
                    distance(said, filter),
                    "probability",
                    "no text of " + value + " earns the best reward");
            table.row(cells(value, weight(h), distance(said, filter), said));
            if (!Double.isNaN(said[0])) {
                all.add(said);
                bars.add(Picture.Series.bars(value, said));
            }
        }
        double told = Double.POSITIVE_INFINITY;
        double nats = Double.POSITIVE_INFINITY;
        for (double[] one : all) {
            for (double[] other : all) {
                if (one != other) {
                    told = Math.min(told, distance(one, other));
                    nats = Math.min(nats, kl(one, other));
                }
            }
        }
        result.exact(
                "earning.told",
                "Least total variation of the probe's answers between two personas who earn the same?",
                all.size() < 2 ? Double.NaN : told,
                "probability",
                ALONE);
        result.exact(
                "earning.draws",
                "Answers to the probe that tell any two of them apart?",
                all.size() < 2
                        ? Double.NaN
                        : nats < 1e-12
                                ? Double.POSITIVE_INFINITY
                                : Double.isInfinite(nats) ? 1 : SamplesToSeparate.planned(nats, 0),
                "draws",
                ALONE);
        result.table("personas", table.build());
        result.picture(Picture.bars(
                "personas",
                "One reward, several personas",
                "What each persona answers to a question that nobody rewards, when all it writes earns the best reward.",
                Picture.Axis.linear("probability"),
                answers,
                bars));
    }

    /** What a reward that is written for a persona leaves of the probe: it tunes texts, not who writes them. */
    void written(String value, ExperimentResult.Builder result) {
        int h = persona.values().indexOf(value);
        double[] wanted = said((prompt, x, other) -> other == h ? 1 : 0);
        double[] tuned = said((prompt, x, other) -> {
            double[][] of = joint.getOrDefault(prompt, new double[0][][])[x];
            double own = Arrays.stream(of[h]).sum();
            double all = Arrays.stream(of).flatMapToDouble(Arrays::stream).sum();
            return all > 0 ? own / all : 0;
        });
        result.exact(
                "written.probe",
                "Total variation of the probe's answers between the wanted conditional and the policy of the written reward?",
                distance(wanted, tuned),
                "probability");
    }

    private String[] columns() {
        List<String> columns = new ArrayList<>(List.of("persona", "share, the output tuned", "distance of the probe"));
        answers.forEach(answer -> columns.add(probe + " = " + answer));
        return columns.toArray(String[]::new);
    }

    private static Object[] cells(String name, double weight, double distance, double[] said) {
        List<Object> cells = new ArrayList<>(List.of(name, weight, distance));
        Arrays.stream(said).forEach(cells::add);
        return cells.toArray();
    }

    private double weight(int h) {
        double sum = 0;
        for (String prompt : prior.prompts()) {
            double[][][] of = joint.getOrDefault(prompt, new double[0][][]);
            double own = 0;
            double all = 0;
            for (int x = 0; x < of.length; x++) {
                if (earns(prompt, x)) {
                    own += Arrays.stream(of[x][h]).sum();
                    all += Arrays.stream(of[x]).flatMapToDouble(Arrays::stream).sum();
                }
            }
            sum += prior.weight(prompt) * own / all;
        }
        return sum;
    }

    private static double distance(double[] p, double[] q) {
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += Math.abs(p[i] - q[i]) / 2;
        }
        return sum;
    }

    private static double kl(double[] p, double[] q) {
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += p[i] > 0 ? p[i] * Math.log(p[i] / q[i]) : 0;
        }
        return Math.max(0, sum);
    }

    /** A sentence for the conclusion, from the figures. */
    String words(ExperimentResult.Builder result) {
        if (!result.stands("earning.told")) {
            return "";
        }
        double told = result.estimate("earning.told");
        String all = "All " + persona.values().size() + " values of '" + persona.name() + "' can earn the best reward";
        return told < SAME
                ? all + ", and the probe '" + probe + "' does not tell all of them apart (exact)."
                : all + "; the probe '" + probe + "' tells any two apart by at least " + FigureFormat.of(told)
                        + " of its mass, in " + FigureFormat.of(result.estimate("earning.draws")) + " answers (exact).";
    }

    /**
     * Transformers that learn each persona's texts with the answer behind them, then are conditioned on the best reward.
     *
     * @param training of each
     * @param seeds how many of each
     * @param seed of the first
     */
    String trained(
            SmallTransformer.Training training,
            int seeds,
            long seed,
            ExperimentResult.Builder result,
            Listener listener) {
        int personas = persona.values().size();
        List<double[]> exact = new ArrayList<>();
        for (int h = 0; h < personas; h++) {
            exact.add(earning(h));
        }
        int right = 0;
        int asked = 0;
        double widest = 0;
        for (int h = 0; h < personas; h++) {
            if (Double.isNaN(exact.get(h)[0])) {
                continue;
            }
            double[] distances = new double[seeds];
            for (int s = 0; s < seeds; s++) {
                int which = h;
                long own = seed + 31L * s;
                double[] said = listener.part("persona-" + h + "-" + s, () -> said(which, training, own, listener));
                distances[s] = distance(said, exact.get(h));
                asked++;
                right += nearest(exact, said) == h ? 1 : 0;
            }
            SeedInterval interval = SeedInterval.within(distances, 0, 1);
            widest = Math.max(widest, interval.mean());
            result.estimated(
                    "transformer.earning." + persona.values().get(h) + ".distance",
                    "Total variation of the probe's answers between a transformer that learnt what "
                            + persona.values().get(h) + " writes, earning the best reward, and the world's?",
                    interval,
                    "probability");
            listener.accept("transformers of " + persona.values().get(h) + " are trained");
        }
        SeedInterval share = SeedInterval.share(right, asked);
        result.estimated(
                "transformer.earning.recognised",
                "Share of these transformers whose answers to the probe are nearest to their own persona's?",
                share,
                "share");
        return "\nOf " + asked + " transformers that each learnt one persona, all earning the same, the probe tells "
                + right + " for what they are (share " + FigureFormat.of(share.mean()) + " " + share.ends()
                + "); their answers are at most " + FigureFormat.of(widest)
                + " of the mass from the world's, on average over seeds.";
    }

    private static int nearest(List<double[]> exact, double[] said) {
        int nearest = -1;
        for (int h = 0; h < exact.size(); h++) {
            if (!Double.isNaN(exact.get(h)[0])
                    && (nearest < 0 || distance(exact.get(h), said) < distance(exact.get(nearest), said))) {
                nearest = h;
            }
        }
        return nearest;
    }

    /** Answers of a transformer that learnt a persona's texts, among texts that earn the best reward. */
    private double[] said(int h, SmallTransformer.Training training, long seed, Listener listener) {
        TableModel documents = documents(h);
        double[] said = new double[answers.size()];
        try (WorldTransformer model = WorldTransformer.trained(documents, training, seed, listener)) {
            List<double[]> logs = model.scored().known();
            for (int c = 0; c < prior.prompts().size(); c++) {
                String prompt = prior.prompts().get(c);
                Distribution of = documents.given(prompt);
                double[] own = new double[said.length];
                for (int x = 0; x < prior.given(prompt).size(); x++) {
                    for (int a = 0; earns(prompt, x) && a < own.length; a++) {
                        int at = of.indexOf(document(prior.given(prompt).outcome(x), a));
                        own[a] += at < 0 ? 0 : Math.exp(logs.get(c)[at]);
                    }
                }
                double sum = Arrays.stream(own).sum();
                for (int a = 0; a < own.length; a++) {
                    said[a] += prior.weight(prompt) * own[a] / sum;
                }
            }
        }
        return said;
    }

    private String document(String text, int answer) {
        return text + "\n" + answers.get(answer);
    }

    private TableModel documents(int h) {
        return prior.map((prompt, texts) -> {
            Map<String, Double> weights = new LinkedHashMap<>();
            double[][][] of = joint.getOrDefault(prompt, new double[0][][]);
            for (int x = 0; x < of.length; x++) {
                for (int a = 0; a < answers.size(); a++) {
                    if (of[x][h][a] > 0) {
                        weights.merge(document(texts.outcome(x), a), of[x][h][a], Double::sum);
                    }
                }
            }
            return Distribution.normalised(weights);
        });
    }
}
