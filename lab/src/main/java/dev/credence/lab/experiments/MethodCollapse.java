package dev.credence.lab.experiments;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.NamedReward;
import dev.credence.lab.inputs.NetworkInput;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.runs.Listener;
import dev.credence.methods.Conditioned;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.training.TrainingDivergedException;
import dev.credence.worlds.Network;
import dev.credence.worlds.Projection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What methods lose of the modes beyond what the posterior they are asked for has lost itself, and how often policies refuse
 * innocuous queries (docs/theory.md#diversity).
 */
final class MethodCollapse {
    private static final String ALL = "all";
    private static final double LARGER = 1e-6; // nats; what trainings come to is nearer than that
    private static final double OFF = 1e-3; // of a limit, in total variation
    private static final double ROUNDING = 1e-12;
    private static final double SHOWN = 0.01; // nats
    private static final double ALIKE = 1e-3; // nats

    private final ExperimentSettings settings;
    private final ExperimentResult.Builder result;
    private final TableModel prior;
    private final NamedReward reward;
    private final double beta;
    private final TableModel posterior;
    private final @Nullable Refusals refusals; // null where nothing counts as one
    private final List<Conditioner> methods;
    private final Conditioner named;

    /** Reads and checks what is asked; trains nothing. */
    MethodCollapse(ExperimentSettings settings, ExperimentResult.Builder result) {
        String file = settings.text("world");
        WorldInput world = WorldInput.read(file);
        result.inputs(List.of(world.input()));
        this.settings = settings;
        this.result = result;
        this.prior = world.world().prior();
        EqualKl.requireFew("world", file, prior);
        this.reward = world.reward("reward", settings.text("reward"));
        EqualKl.requireFinite("reward", reward, prior);
        this.beta = settings.number("beta");
        this.posterior = tilted(1 / beta);
        this.refusals = settings.has("refusal") ? Refusals.of(file, settings, prior) : null;
        this.methods = settings.text("methods").equals(ALL) ? Methods.all() : Methods.byNames(settings.text("methods"));
        this.named = Methods.byName(settings.text("method"));
    }

    /** The figures of methods and of refusals. */
    void report(Listener listener) {
        Map<String, TableModel> policies = methods(listener);
        String name = settings.text("method");
        named(name, policies.get(name));
        refused(name, policies.get(name));
    }

    /** {@return the world's texts} */
    TableModel prior() {
        return prior;
    }

    /** {@return their reward} */
    RewardFunction reward() {
        return reward.function();
    }

    private TableModel tilted(double copies) {
        return TablePosterior.of(prior, reward.function(), RewardLikelihood.tilt(copies))
                .model();
    }

    /** log of the effective number of texts: the mean entropy over prompts. */
    double logModes(TableModel policy) {
        return prior.prompts().stream()
                .mapToDouble(
                        prompt -> prior.weight(prompt) * policy.given(prompt).entropy())
                .sum();
    }

    /** Nats of it that a policy has lost beyond another. */
    private double beyond(TableModel other, TableModel policy) {
        double lost = logModes(other) - logModes(policy);
        return Math.abs(lost) < ROUNDING ? 0 : lost;
    }

    private Map<String, TableModel> methods(Listener listener) {
        Map<String, TableModel> policies = new LinkedHashMap<>();
        Map<String, Double> shown = new LinkedHashMap<>();
        DataTable.Builder table = DataTable.of(
                "Modes lost beyond the posterior's own loss",
                "method",
                "effective texts",
                "beyond, nats",
                "beyond its own copies', nats",
                "from draws, nats",
                "from",
                "to",
                "refusals");
        table.row("(prior)", Math.exp(logModes(prior)), beyond(posterior, prior), null, null, null, null, rate(prior));
        table.row("(posterior)", Math.exp(logModes(posterior)), 0, 0, null, null, null, rate(posterior));
        Map<String, Conditioner> all = new LinkedHashMap<>();
        methods.forEach(method -> all.put(method.card().name(), method));
        all.put(named.card().name(), named);
        all.forEach((name, method) -> {
            if (!(method instanceof Conditioner.OnTables)) {
                return;
            }
            TableModel policy = limit(name, method);
            if (policy != null) {
                policies.put(name, policy);
                shown.put(name, beyond(posterior, policy));
                @Nullable SeedInterval drawn = drawn(name, method);
                table.row(
                        name,
                        Math.exp(logModes(policy)),
                        beyond(posterior, policy),
                        matched(name, policy),
                        drawn == null ? null : drawn.mean(),
                        drawn == null ? null : drawn.lower(),
                        drawn == null ? null : drawn.upper(),
                        rate(policy));
                listener.accept(name + ": " + FigureFormat.of(beyond(posterior, policy))
                        + " nats beyond the posterior's own collapse");
            }
        });
        result.table("methods", table.build());
        picture(shown);
        return policies;
    }

    /** Probability that a policy, on these texts and perhaps others, refuses an innocuous query; null where nothing counts as one. */
    @Nullable
    Double rate(TableModel policy) {
        return refusals == null ? null : refusals.rate(policy);
    }

    private static boolean has(Conditioner method, String option) {
        return method.card().options().stream().map(MethodOption::name).anyMatch(option::equals);
    }

    private MethodOptions options(Conditioner method) {
        MethodOptions options = MethodOptions.none();
        return has(method, "beta") ? options.with("beta", settings.text("beta")) : options;
    }

    /** What the method comes to, its expectations enumerated where it trains; null where it does not run as it is. */
    private @Nullable TableModel limit(String name, Conditioner method) {
        MethodOptions options = options(method);
        String id = name + ".collapse.beyond";
        String question = "Nats of log effective texts that it loses beyond the posterior, expectations enumerated?";
        try {
            Conditioned conditioned = method.condition(
                    prior, reward.function(), has(method, "population") ? options.with("population", true) : options);
            TableModel policy = conditioned.policy();
            if (isOffItsLimit(conditioned)) {
                result.finding(withdrawn(id, question, "nats", "its training did not come to the limit that it has"));
                return null;
            }
            result.exact(id, question, beyond(posterior, policy), "nats");
            return policy;
        } catch (IllegalArgumentException | TrainingDivergedException e) { // what it refuses of this reward
            result.finding(withdrawn(id, question, "nats", String.valueOf(e.getMessage())));
            return null;
        }
    }

    private boolean isOffItsLimit(Conditioned conditioned) {
        try {
            TableModel limit = conditioned.aim().limit(prior, reward.function());
            return prior.prompts().stream()
                    .anyMatch(prompt ->
                            Divergences.totalVariation(conditioned.policy().given(prompt), limit.given(prompt)) > OFF);
        } catch (NoPosteriorException e) {
            return false; // none is known
        }
    }

    private static Finding withdrawn(String id, String question, String unit, String why) {
        return new Finding(id, question, Double.NaN, Double.NaN, Double.NaN, Grade.EXACT, unit, null, null)
                .withdrawn(why);
    }

    /** Beyond the conditional on the reward that has the policy's own mean reward. */
    private @Nullable Double matched(String name, TableModel policy) {
        Finding copies = Audit.of(
                        prior, policy, Map.of("reward", reward.function()), AuditOptions.atBeta("reward", beta))
                .findings()
                .get("copies.moment_match");
        if (copies == null || Double.isNaN(copies.estimate()) || copies.estimate() == Double.NEGATIVE_INFINITY) {
            return null;
        }
        double beyond = beyond(tilted(copies.estimate()), policy);
        result.exact(
                name + ".collapse.matched",
                "Nats of log effective texts it loses beyond the conditional of the same mean reward?",
                beyond,
                "nats");
        return beyond;
    }

    /** The same method on draws, over seeds; nothing where it draws none or does not run. */
    private @Nullable SeedInterval drawn(String name, Conditioner method) {
        if (!has(method, "population") || !has(method, "steps")) {
            return null;
        }
        double[] beyond = new double[settings.count("seeds")];
        String id = name + ".collapse.sampled";
        String question = "The same where it trains on drawn texts?";
        try {
            for (int k = 0; k < beyond.length; k++) {
                MethodOptions options =
                        options(method).with("steps", settings.count("steps")).with("seed", settings.whole("seed") + k);
                TableModel policy =
                        method.condition(prior, reward.function(), options).policy();
                beyond[k] = beyond(posterior, policy);
            }
        } catch (IllegalArgumentException | TrainingDivergedException e) { // what it refuses of this reward
            result.finding(withdrawn(id, question, "nats", String.valueOf(e.getMessage())));
            return null;
        }
        SeedInterval interval = SeedInterval.of(beyond);
        result.estimated(id, question, interval, "nats");
        return interval;
    }

    private void picture(Map<String, Double> beyond) {
        List<String> names = new ArrayList<>(beyond.keySet());
        names.removeIf(name -> Math.abs(beyond.getOrDefault(name, 0.0)) < SHOWN);
        names.sort(Comparator.comparing(name -> beyond.getOrDefault(name, 0.0)));
        if (!names.isEmpty()) {
            double[] values = names.stream()
                    .mapToDouble(name -> beyond.getOrDefault(name, 0.0))
                    .toArray();
            result.picture(Picture.bars(
                    "collapse",
                    "Modes lost beyond the posterior's own loss",
                    "Below 0: the method keeps more than the posterior at the β asked for, as it has moved less or is another"
                            + " conditional. Not drawn: " + (beyond.size() - names.size()) + " within "
                            + FigureFormat.inWords(SHOWN) + " nats of the posterior.",
                    Picture.Axis.linear("log modes(posterior) − log modes(policy), nats"),
                    names,
                    List.of(Picture.Series.bars("method", values))));
        }
    }

    private void named(String name, @Nullable TableModel policy) {
        String question = "Nats of log effective texts that " + name + " loses beyond the posterior?";
        if (policy == null) {
            result.finding(withdrawn("collapse.beyond", question, "nats", name + " does not run as it is"));
        } else {
            result.exact("collapse.beyond", question, beyond(posterior, policy), "nats");
        }
    }

    private void refused(String name, @Nullable TableModel policy) {
        TableModel best = tilted(Double.POSITIVE_INFINITY);
        refusal("prior", "the prior", prior);
        refusal("posterior", "the posterior at this β", posterior);
        refusal("policy", name + " at this β, its expectations enumerated,", policy);
        refusal("unpenalised", "the limit without a penalty", best);
        if (refusals == null || policy == null) {
            return;
        }
        List<String> prompts = prior.prompts();
        if (prompts.size() > 1) {
            result.picture(Picture.bars(
                    "refusals",
                    "Refusals by query",
                    "What the reward's posterior refuses is the evidence's doing; what the policy refuses beyond it is the"
                            + " method's.",
                    Picture.Axis.linear("probability of a refusal"),
                    prompts,
                    List.of(
                            Picture.Series.bars("prior", refusals.rates(prior)),
                            Picture.Series.bars("posterior", refusals.rates(posterior)),
                            Picture.Series.bars(name, refusals.rates(policy)))));
        }
    }

    private void refusal(String side, String who, @Nullable TableModel policy) {
        String id = "refusal." + side;
        String question = "Probability that an innocuous query is refused, by " + who + ", which sees the query alone?";
        if (refusals == null || policy == null) {
            result.finding(withdrawn(
                    id,
                    question,
                    "probability",
                    policy == null
                            ? "the method does not run as it is"
                            : settings.has("refusal")
                                    ? "the world is a table, which has no variables to tell a refusal by"
                                    : "nothing is named as a refusal"));
            return;
        }
        result.exact(id, question, refusals.rate(policy), "probability");
        List<String> prompts = prior.prompts();
        double[] rates = refusals.rates(policy);
        for (int c = 0; c < rates.length && prompts.size() > 1; c++) {
            result.exact(
                    id + "." + prompts.get(c),
                    "Probability that the query " + prompts.get(c) + " is refused, by " + who + "?",
                    rates[c],
                    "probability");
        }
    }

    /**
     * What counts as a refusal, and how innocuous a query is.
     *
     * @param refuses by prompt, whether each text is one
     * @param innocent (prompts) share of all queries that are of this prompt and innocuous
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Refusals(TableModel prior, Map<String, boolean[]> refuses, double[] innocent) {
        static @Nullable Refusals of(String file, ExperimentSettings settings, TableModel prior) {
            Network network = NetworkInput.read(file).map(NetworkInput::network).orElse(null);
            if (network == null) {
                return null;
            }
            assignment("refusal", settings, network);
            Map<String, String> innocent = assignment("innocent", settings, network);
            Projection texts = Projection.ofTexts(network, List.of(settings.text("refusal")));
            Map<String, boolean[]> refuses = new LinkedHashMap<>();
            double[] shares = new double[prior.prompts().size()];
            double all = 0;
            for (int c = 0; c < shares.length; c++) {
                String prompt = prior.prompts().get(c);
                boolean[] row = new boolean[prior.given(prompt).size()];
                for (int i = 0; i < row.length; i++) {
                    row[i] = texts.isObserved(prompt, prior.given(prompt).outcome(i));
                }
                refuses.put(prompt, row);
                shares[c] = prior.weight(prompt);
                for (Map.Entry<String, String> one : innocent.entrySet()) {
                    shares[c] *= network.prior(prompt)
                            .marginal(List.of(one.getKey()))
                            .getOrDefault(one.getValue(), 0.0);
                }
                all += shares[c];
            }
            if (!(all > 0)) {
                throw InputException.ofSetting(
                        "innocent", settings.text("innocent"), "no query of the world is so: its probability is 0");
            }
            return new Refusals(prior, refuses, shares);
        }

        /** VARIABLE=VALUE of the network; none where the setting is empty. */
        private static Map<String, String> assignment(String key, ExperimentSettings settings, Network network) {
            String text = settings.text(key);
            if (text.isEmpty()) {
                return Map.of();
            }
            int equals = text.indexOf('=');
            String name = equals < 0 ? text : text.substring(0, equals).trim();
            String value = equals < 0 ? "" : text.substring(equals + 1).trim();
            String rule = network.variables().stream()
                    .filter(variable -> variable.name().equals(name))
                    .findFirst()
                    .map(variable -> variable.values().contains(value)
                            ? ""
                            : "the values of " + name + " are " + String.join(", ", variable.values()))
                    .orElse("it is VARIABLE=VALUE, or empty; the world has no such variable");
            if (!rule.isEmpty()) {
                throw InputException.ofSetting(key, text, rule);
            }
            return Map.of(name, value);
        }

        /** (prompts) probability of a refusal. */
        double[] rates(TableModel policy) {
            return prior.prompts().stream()
                    .mapToDouble(prompt -> {
                        double mass = 0;
                        boolean[] row = refuses.getOrDefault(prompt, new boolean[0]);
                        for (int i = 0; i < row.length; i++) {
                            mass += row[i]
                                    ? policy.given(prompt)
                                            .probability(prior.given(prompt).outcome(i))
                                    : 0;
                        }
                        return mass;
                    })
                    .toArray();
        }

        /** Probability that an innocuous query is refused. */
        double rate(TableModel policy) {
            double[] rates = rates(policy);
            double refused = 0;
            double all = 0;
            for (int c = 0; c < rates.length; c++) {
                refused += innocent[c] * rates[c];
                all += innocent[c];
            }
            return refused / all;
        }
    }

    /** What the figures say. */
    static String conclusion(ExperimentSettings settings, ExperimentResult.Builder result, List<String> methods) {
        List<String> sentences = new ArrayList<>();
        String method = settings.text("method");
        if (result.stands("refusal.policy")) {
            double asked = result.estimate("refusal.posterior");
            double got = result.estimate("refusal.policy");
            sentences.add(String.format(
                    Locale.ROOT,
                    "In the world %s with the reward %s, of innocuous queries the prior refuses %s; the posterior at β = %s refuses %s, and %s at the same β %s: %s.",
                    settings.text("world"),
                    settings.text("reward"),
                    FigureFormat.of(result.estimate("refusal.prior")),
                    FigureFormat.of(settings.number("beta")),
                    FigureFormat.of(asked),
                    method,
                    FigureFormat.of(got),
                    got > asked + LARGER
                            ? "what lies between the last two is the method's doing and not the evidence's"
                            : "the method refuses no more than the evidence asks for"));
        }
        Map<String, Double> lost = new LinkedHashMap<>();
        methods.stream()
                .filter(name -> result.stands(name + ".collapse.beyond"))
                .forEach(name -> lost.put(name, result.estimate(name + ".collapse.beyond")));
        if (!lost.isEmpty()) {
            double most = lost.values().stream().mapToDouble(x -> x).max().orElse(0);
            sentences.add(String.format(
                    Locale.ROOT,
                    "%d of %d methods lose modes beyond the posterior they are asked for%s.",
                    lost.values().stream().filter(x -> x > LARGER).count(),
                    lost.size(),
                    most > LARGER
                            ? ", most of all "
                                    + lost.keySet().stream()
                                            .filter(name -> lost.getOrDefault(name, 0.0) > most - ALIKE)
                                            .collect(Collectors.joining(", "))
                                    + ", by " + FigureFormat.of(most) + " nats (exact)"
                            : ": all keep at least as many"));
        }
        return String.join("\n", sentences);
    }
}
