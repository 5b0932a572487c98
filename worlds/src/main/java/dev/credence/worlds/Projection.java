package dev.credence.worlds;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.LogSum;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A network seen through some of its visible variables, as a table: all its texts, or just the values that a reward and an
 * observation read. Evidence about the table's outcomes says what is to be believed of all other variables.
 */
public final class Projection {
    /** Assignments that a table is made of at most. */
    static final long MOST = 1L << 20;

    /** Between values that are no text: one that no value has. */
    private static final String SEPARATOR = "\u001f";

    private final Network network;
    private final List<Integer> scope;
    private final Template outcome;
    private final List<NetworkReward> rewards;
    private final @Nullable NetworkReward observed;
    private final Map<String, Map<String, Row>> rows = new LinkedHashMap<>(); // by prompt and outcome

    private Projection(Network network, List<Integer> scope, Template outcome, List<NetworkReward> read) {
        this.network = network;
        this.scope = scope;
        this.outcome = outcome;
        this.observed =
                read.stream().filter(r -> r.name().isEmpty()).findFirst().orElse(null);
        this.rewards = read;
        network.prompts().forEach(prompt -> rows.put(prompt, rows(prompt)));
    }

    /**
     * All texts, with every reward.
     *
     * @param network the network
     * @param observed what is observed, {@code VARIABLE=VALUE} of visible variables; perhaps nothing
     * @return a table of the texts
     * @throws InputException if there are too many texts, or a reward or an observation differs between assignments that
     *     render alike
     */
    public static Projection ofTexts(Network network, List<String> observed) {
        Set<Integer> scope = new LinkedHashSet<>(textScope(network));
        List<NetworkReward> read = new ArrayList<>(network.rewards().values());
        addObserved(network, observed, scope, read);
        int[] sizes = scope.stream()
                .mapToInt(id -> network.variables().get(id).values().size())
                .toArray();
        if (Factor.cells(sizes) > MOST) {
            throw new InputException(
                    network.file(),
                    0,
                    "text",
                    "of " + scope.size() + " variables with " + Factor.cells(sizes) + " assignments",
                    "at most " + MOST + " texts can be written down; an exact posterior under a reward of variables,"
                            + " and draws, need no table of them");
        }
        return new Projection(network, List.copyOf(scope), network.template(), read);
    }

    /**
     * Just what rewards and an observation read.
     *
     * @param network the network
     * @param rewards rewards of variables
     * @param observed what is observed, {@code VARIABLE=VALUE} of visible variables; perhaps nothing
     * @return a table of these variables' values
     * @throws InputException if the values are too many, or texts do not show them
     */
    public static Projection ofRewards(Network network, List<String> rewards, List<String> observed) {
        List<NetworkReward> read = new ArrayList<>();
        Set<Integer> scope = new LinkedHashSet<>();
        for (String reward : rewards) {
            NetworkReward named = Objects.requireNonNull(network.rewards().get(reward));
            read.add(named);
            scope.addAll(named.of());
        }
        addObserved(network, observed, scope, read);
        requireShown(network, scope);
        List<Integer> variables = List.copyOf(scope);
        return new Projection(network, variables, Template.list(variables, SEPARATOR), read);
    }

    /** {@return the table, with the rewards it can tell} */
    public TableWorld world() {
        Map<String, Distribution> priors = new LinkedHashMap<>();
        Map<String, Double> weights = new LinkedHashMap<>();
        rows.forEach((prompt, byName) -> {
            double[] mass = byName.values().stream()
                    .mapToDouble(row -> row.mass.value())
                    .toArray();
            priors.put(prompt, Distribution.ofLogWeights(new ArrayList<>(byName.keySet()), mass));
            weights.put(prompt, network.weight(prompt));
        });
        Map<String, TableReward> named = new LinkedHashMap<>();
        for (NetworkReward reward : rewards) {
            if (!reward.name().isEmpty()) {
                named.put(reward.name(), new TableReward(reward.name(), function(reward)));
            }
        }
        return new TableWorld(TableModel.of(priors, weights), named, null);
    }

    /**
     * Whether an outcome shows what was observed.
     *
     * @param prompt a prompt
     * @param name an outcome of it
     * @return true for all where nothing was
     */
    public boolean isObserved(String prompt, String name) {
        return observed == null || function(observed).reward(prompt, name) == 1;
    }

    /**
     * What follows from evidence about the outcomes.
     *
     * @param prompt a prompt
     * @param logLikelihood of each outcome that the prior allows, nats, in [−∞, ∞)
     * @return beliefs about all variables
     */
    public Inference given(String prompt, ToDoubleFunction<String> logLikelihood) {
        Inference prior = network.prior(prompt);
        Factor masses = prior.marginal(ids());
        double[] log = new double[masses.cells()];
        int[] assignment = new int[network.variables().size()];
        for (int cell = 0; cell < log.length; cell++) {
            boolean isPossible = masses.log(cell) > Double.NEGATIVE_INFINITY;
            log[cell] =
                    isPossible ? logLikelihood.applyAsDouble(name(masses, cell, assignment)) : Double.NEGATIVE_INFINITY;
        }
        int[] sizes = Arrays.stream(ids())
                .map(id -> network.variables().get(id).values().size())
                .toArray();
        return prior.and(new Factor(ids(), sizes, log));
    }

    /**
     * The outcomes of a prompt jointly with a variable that they need not show, such as who wrote them.
     *
     * @param prompt a prompt
     * @param variable its name
     * @return (values of it, outcomes in the order of {@link #world()}) log-probabilities, nats
     * @throws InputException if there is no such variable
     */
    public double[][] logJoint(String prompt, String variable) {
        int of = network.names().ofSetting("variable", variable);
        int[] read = scope.contains(of)
                ? ids()
                : IntStream.concat(Arrays.stream(ids()), IntStream.of(of)).toArray();
        int at = scope.contains(of) ? scope.indexOf(of) : scope.size();
        Factor masses = network.prior(prompt).marginal(read);
        List<String> names =
                new ArrayList<>(Objects.requireNonNull(rows.get(prompt), prompt).keySet());
        Map<String, Integer> column = new HashMap<>();
        names.forEach(name -> column.put(name, column.size()));
        double[][] logJoint = new double[network.variables().get(of).values().size()][names.size()];
        for (double[] row : logJoint) {
            Arrays.fill(row, Double.NEGATIVE_INFINITY);
        }
        int[] assignment = new int[network.variables().size()];
        for (int cell = 0; cell < masses.cells(); cell++) {
            if (masses.log(cell) > Double.NEGATIVE_INFINITY) {
                double[] row = logJoint[masses.digits(cell)[at]];
                int outcome = Objects.requireNonNull(column.get(name(masses, cell, assignment)));
                row[outcome] = LogMath.logAddExp(row[outcome], masses.log(cell));
            }
        }
        return logJoint;
    }

    /** The variables that texts and rewards show. */
    static List<Integer> textScope(Network network) {
        Set<Integer> scope = new LinkedHashSet<>(network.template().variables());
        network.rewards().values().forEach(reward -> scope.addAll(reward.of()));
        return List.copyOf(scope);
    }

    private static void addObserved(
            Network network, List<String> observed, Set<Integer> scope, List<NetworkReward> read) {
        if (observed.isEmpty()) {
            return;
        }
        Event event = network.names().assignments("observe", observed);
        List<Integer> of = List.copyOf(event.allowed().keySet());
        for (int id : of) {
            Variable variable = network.variables().get(id);
            if (variable.isHidden()) {
                String rule = "'" + variable.name() + "' is hidden: no text shows it; it can be given, not observed";
                throw InputException.ofSetting("observe", String.join(", ", observed), rule);
            }
        }
        Factor indicator = Factor.product(
                event.factors(network.variables()),
                of.stream().mapToInt(Integer::intValue).toArray());
        List<Double> table = new ArrayList<>();
        for (int cell = 0; cell < indicator.cells(); cell++) {
            table.add(indicator.log(cell) == 0 ? 1.0 : 0.0);
        }
        scope.addAll(of);
        read.add(new NetworkReward("", of, table, null, 0));
    }

    /** Where texts cannot be compared one by one, what evidence reads must at least stand in them. */
    private static void requireShown(Network network, Set<Integer> scope) {
        for (int id : scope) {
            if (!network.isEnumerable() && !network.template().variables().contains(id)) {
                throw new InputException(
                        network.file(),
                        0,
                        "text",
                        "without '" + network.variables().get(id).name() + "'",
                        "evidence is a function of the text: let the text show what it reads");
            }
        }
    }

    private int[] ids() {
        return scope.stream().mapToInt(Integer::intValue).toArray();
    }

    private Map<String, Row> rows(String prompt) {
        Factor masses = network.prior(prompt).marginal(ids());
        Map<String, Row> byName = new LinkedHashMap<>();
        int[] assignment = new int[network.variables().size()];
        for (int cell = 0; cell < masses.cells(); cell++) {
            if (masses.log(cell) > Double.NEGATIVE_INFINITY) {
                String name = name(masses, cell, assignment);
                double[] values = values(assignment);
                Row row = byName.get(name);
                if (row == null) {
                    row = new Row(values, cell, new LogSum());
                    byName.put(name, row);
                } else if (!Arrays.equals(values, row.values)) {
                    throw differing(name, row, masses, cell);
                }
                row.mass.add(masses.log(cell));
            }
        }
        return byName;
    }

    /** Fills in the values of the cell, whose first variables are the scope, and names it. */
    private String name(Factor masses, int cell, int[] assignment) {
        int[] digits = masses.digits(cell);
        for (int k = 0; k < scope.size(); k++) {
            assignment[scope.get(k)] = digits[k];
        }
        return outcome.render(assignment, network.variables());
    }

    private double[] values(int[] assignment) {
        return rewards.stream()
                .mapToDouble(r -> r.isOfText() ? 0 : r.value(assignment, network.variables()))
                .toArray();
    }

    private InputException differing(String name, Row row, Factor masses, int cell) {
        int[] assignment = new int[network.variables().size()];
        name(masses, cell, assignment);
        double[] values = values(assignment);
        int which = 0;
        while (values[which] == row.values[which]) {
            which++;
        }
        NetworkReward reward = rewards.get(which);
        String second = words(assignment);
        name(masses, row.cell, assignment);
        String found = row.values[which] + " for " + words(assignment) + " and " + values[which] + " for " + second
                + ", which both read '" + name + "'";
        String rule = "is a function of the text: let the text show what it reads";
        return reward.name().isEmpty()
                ? InputException.ofSetting("observe", found, "what is observed " + rule)
                : new InputException(
                        network.file(), reward.line(), "rewards." + reward.name(), found, "a reward " + rule);
    }

    private String words(int[] assignment) {
        List<String> words = new ArrayList<>();
        for (int id : scope) {
            Variable variable = network.variables().get(id);
            words.add(variable.name() + " = " + variable.values().get(assignment[id]));
        }
        return "(" + String.join(", ", words) + ")";
    }

    private RewardFunction function(NetworkReward reward) {
        RewardFunction ofText = reward.text();
        if (ofText != null) {
            return ofText;
        }
        int which = rewards.indexOf(reward);
        return (prompt, name) -> {
            Row row = rows.getOrDefault(prompt, Map.of()).get(name);
            if (row == null) {
                throw new IllegalArgumentException(
                        "'" + name + "' is no outcome of prompt '" + prompt + "' in this world");
            }
            return row.values[which];
        };
    }

    /**
     * An outcome.
     *
     * @param values (rewards); 0 for those of the text
     * @param cell the first assignment that is called so
     * @param mass of all of them
     */
    private record Row(double[] values, int cell, LogSum mass) {}
}
