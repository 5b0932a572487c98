package dev.credence.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.audit.Gate;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReasonsTest {
    private static final List<Gate> GATES =
            List.of(gate("ess", "few; very few"), gate("khat", "heavy"), gate("arrays", "torn"));

    private static Gate gate(String id, String reason) {
        return new Gate(id, Gate.Status.FAIL, 1.0, reason, List.of());
    }

    @Test
    void severalGatesAreNamedAndOneSpeaks() {
        assertThat(Reasons.brief("gate ess: few; very few", GATES)).isEqualTo("gate ess: few; very few");
        assertThat(Reasons.brief("no such column", GATES)).isEqualTo("no such column");
        assertThat(Reasons.brief("gate ess: few; very few; gate khat: heavy; gate arrays: torn", GATES))
                .isEqualTo("the gates ess, khat and arrays, each with its reason under Gates");
        assertThat(Reasons.brief("its column is missing; gate ess: few; very few; gate khat: heavy", GATES))
                .isEqualTo("its column is missing; the gates ess and khat, each with its reason under Gates");
        assertThat(Reasons.brief("gate ess: few; very few; a note; gate khat: heavy", GATES))
                .isEqualTo("a note; the gates ess and khat, each with its reason under Gates");
    }
}
