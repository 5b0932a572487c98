package dev.credence.worlds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a network's file is said by file, line, field, value and rule. */
class NetworkReaderTest {
    private static final String GOOD = """
            world: w
            variables:
              who: {hidden: true, values: {a: .7, b: .3}}
              x: {given: [who], values: [0, 1], table: {a: [.5, .5], b: [0, 1]}}
              y: {given: [who, x], values: [u, v], table: {"a, 0": [1, 0], "a, 1": [.5, .5], "b, 0": [.5, .5], "b,1": [0, 1]}}
              z: {values: [p, q], table: [.5, .5]}
            text: "{x} {y}"
            rewards:
              r: {of: [x], table: {0: 0, 1: 1}}
            populations: {as: {who: [a]}}
            prompts: {q: {z: p}}
            probes: {next: {of: [z]}}
            """;

    @Test
    void aGoodFileIsRead() {
        Network network = NetworkTest.network(GOOD);
        assertThat(network.variables()).extracting(Variable::name).containsExactly("who", "x", "y", "z");
        assertThat(network.table().prior().prompts()).containsExactly("q");
        assertThat(Networks.parse("t.yaml", "prior: {a: 1}", TextRewards.none()))
                .isEmpty();
        assertThat(Networks.parse("t.yaml", "prior: {' variables:': 1}", TextRewards.none()))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "world: w|wurld: w|w.yaml:1: field 'wurld' is not a field of a world; did you mean 'world'? known are: world, variables, text, rewards, populations, prompts, probes",
                "hidden: true|hidden: yes|w.yaml:3: field 'variables.who.hidden' is 'yes'; it must be true or false",
                "hidden: true|hiden: true|w.yaml:3: field 'variables.who.hiden' is not a field of a world; did you mean 'hidden'? known are: hidden, given, values, table",
                "{a: .7, b: .3}|{a: .7, b: .2}|w.yaml:3: field 'variables.who.values' is a sum of 0.8999999999999999; a row must sum to 1 (within 1e-9)",
                "{a: .7, b: .3}|{a: 1.7, b: -.7}|w.yaml:3: field 'variables.who.values' is 1.7; a probability must be in [0, 1]",
                "{a: .7, b: .3}|{a: .7, a: .3}|w.yaml:3: field 'variables.who.values.a' is given twice; a name may stand only once",
                "{a: .7, b: .3}|{}|w.yaml:3: field 'variables.who.values' is empty; a variable needs at least one value",
                "{a: .7, b: .3}|[a, b]|w.yaml:3: field 'variables.who.table' is missing; every value needs its probability",
                "given: [who], values: [0, 1]|given: [hwo], values: [0, 1]|w.yaml:4: field 'variables.x.given' is 'hwo'; there is no such variable; did you mean 'who'? known are: who, x, y, z",
                "given: [who], values: [0, 1]|given: [who, who], values: [0, 1]|w.yaml:4: field 'variables.x.given' is 'who' twice; a variable may stand once",
                "given: [who], values: [0, 1]|given: who, values: [0, 1]|w.yaml:4: field 'variables.x.given' is 'who'; it must be a list, such as [a, b]",
                "given: [who], values: [0, 1]|given: [y], values: [0, 1]|w.yaml:4: field 'variables.x.given' is a cycle: x -> y -> x; what a variable depends on may not depend on it",
                "given: [who], values: [0, 1]|given: [x], values: [0, 1]|w.yaml:4: field 'variables.x.given' is a cycle: x -> x; what a variable depends on may not depend on it",
                "values: [0, 1], table|values: [0, 0], table|w.yaml:4: field 'variables.x.values' is '0' twice; a value may stand once",
                "values: [0, 1], table|values: {0: .5, 1: .5}, table|w.yaml:4: field 'variables.x.values' is probabilities beside 'table'; they stand under 'values' of a variable that depends on nothing, else in the rows of 'table'",
                "b: [0, 1]}}|c: [0, 1]}}|w.yaml:4: field 'variables.x.table.c' is no row of this table; rows are named by values in the order given; known are: a, b",
                ", b: [0, 1]}}|}}|w.yaml:4: field 'variables.x.table.b' is missing; every combination of values needs its row",
                "b: [0, 1]}}|b: [0, 1, 0]}}|w.yaml:4: field 'variables.x.table.b' is 3 numbers; there are 2 values: 0, 1",
                "b: [0, 1]}}|b: [0, .999]}}|w.yaml:4: field 'variables.x.table.b' is a sum of 0.999; a row must sum to 1 (within 1e-9)",
                "b: [0, 1]}}|b: [0, one]}}|w.yaml:4: field 'variables.x.table.b' is 'one'; it must be a finite number",
                "b: [0, 1]}}|b: 1}}|w.yaml:4: field 'variables.x.table.b' is '1'; it must be a list, such as [a, b]",
                "\"b,1\": [0, 1]|\"b, 0 \": [0, 1]|w.yaml:5: field 'variables.y.table.b, 0 ' is given twice; a row stands once",
                "z: {values|2z: {values|w.yaml:6: field 'variables.2z' is a name that cannot be used; a variable's name is a letter or _, then letters, digits, _, . and -",
                "{x} {y}|{x} {w}|w.yaml:7: field 'text' is 'w'; the world has no such variable; did you mean 'who'? known are: who, x, y, z",
                "{x} {y}|{x} {who}|w.yaml:7: field 'text' is 'who'; it is hidden: texts are made of visible variables",
                "{x} {y}|{x} {y|w.yaml:7: field 'text' is a { that is never closed; a variable stands in braces; {{ is a brace itself",
                "{x} {y}|{x} y}|w.yaml:7: field 'text' is a } that closes nothing; }} is a brace itself",
                "of: [x], table|of: [who], table|w.yaml:9: field 'rewards.r.of' is 'who'; it is hidden; a reward reads what texts show",
                "of: [x], table|of: [xx], table|w.yaml:9: field 'rewards.r.of' is 'xx'; the world has no such variable; known are: who, x, y, z",
                "table: {0: 0, 1: 1}|table: {0: 0}|w.yaml:9: field 'rewards.r.table.1' is missing; every combination of values needs its row",
                "table: {0: 0, 1: 1}|table: {0: 0, 1: .inf}|w.yaml:9: field 'rewards.r.table' is '.inf'; it must be a finite number",
                "table: {0: 0, 1: 1}|text: length|w.yaml:9: field 'rewards.r' is 'text' beside 'of' or 'table'; a reward is {of: [VARIABLES], table: {VALUES: NUMBER}} or {text: REWARD}",
                "of: [x], table: {0: 0, 1: 1}|of: [x]|w.yaml:9: field 'rewards.r' is without 'table'; a reward is {of: [VARIABLES], table: {VALUES: NUMBER}} or {text: REWARD}",
                "who: [a]|who: [c]|w.yaml:10: field 'populations.as.who' is 'c'; 'who' has no such value; known are: a, b",
                "who: [a]|who: []|w.yaml:10: field 'populations.as.who' is empty; it needs at least one value",
                "{q: {z: p}}|{q: {z: r}}|w.yaml:11: field 'prompts.q.z' is 'r'; 'z' has no such value; known are: p, q",
                "{q: {z: p}}|{q: {z: p, weight: 0}}|w.yaml:11: field 'prompts.q.weight' is 0; it must be positive",
                "{q: {z: p}}|{q: {who: b, x: 0}}|w.yaml:11: field 'prompts.q' is of probability 0; a prompt is something that can happen, in the population that is given too",
                "{of: [z]}|{of: [x]}|w.yaml:12: field 'probes.next.of' is 'x'; reward 'r' reads it; a probe is what no reward reads",
                "{of: [z]}|{of: [who]}|w.yaml:12: field 'probes.next.of' is 'who'; it is hidden; a probe is what texts show",
                "{of: [z]}|{}|w.yaml:12: field 'probes.next.of' is missing; a probe is {of: [VARIABLES]}",
            })
    void aRuleBrokenIsNamed(String part, String instead, String message) {
        assertThat(GOOD).contains(part);
        int at = GOOD.indexOf(part);
        String broken = GOOD.substring(0, at) + instead + GOOD.substring(at + part.length());
        assertThatThrownBy(() -> NetworkTest.network(broken))
                .isInstanceOf(InputException.class)
                .hasMessage(message);
    }

    @Test
    void aRewardThatTheTextDoesNotTellNamesBothAssignments() {
        String blind = GOOD.replace("text: \"{x} {y}\"", "text: \"{y}\"");
        assertThatThrownBy(() -> NetworkTest.network(blind).table())
                .hasMessage(
                        "w.yaml:9: field 'rewards.r' is 0.0 for (y = u, x = 0) and 1.0 for (y = u, x = 1), which both"
                                + " read 'u'; a reward is a function of the text: let the text show what it reads");
        Network seen = NetworkTest.network(blind.replace("of: [x], table: {0: 0, 1: 1}", "of: [y], table: {u: 0, v: 1}")
                .replace("{of: [z]}", "{of: [x]}"));
        assertThatThrownBy(() -> Projection.ofTexts(seen, List.of("x=1")))
                .hasMessageStartingWith("observe is 0.0 for (y = u, x = 0) and 1.0 for (y = u, x = 1)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "who=c|given is who=c; 'who' has no such value; known are: a, b",
                "how=a|given is how=a; the world has no such variable; did you mean 'who'? known are: who, x, y, z",
                "bs|given is bs; it is VARIABLE=VALUE or a population; did you mean 'as'? known are: as",
            })
    void whatCannotBeGivenIsNamed(String given, String message) {
        Network network = NetworkTest.network(GOOD);
        assertThatThrownBy(() -> network.given(List.of(given))).hasMessage(message);
        assertThatThrownBy(() -> network.given(List.of("who=a", "who=b")))
                .hasMessage("given is who=b; the variable is fixed to another value already");
        assertThatThrownBy(() -> network.given(List.of("as", "who=b")))
                .hasMessage("given is as, who=b; the network gives it probability 0");
        assertThatThrownBy(() -> Projection.ofTexts(network, List.of("who=a")))
                .hasMessage("observe is who=a; 'who' is hidden: no text shows it; it can be given, not observed");
        assertThatThrownBy(() -> Projection.ofTexts(network, List.of("x")))
                .hasMessage("observe is x; it is VARIABLE=VALUE");
    }
}
