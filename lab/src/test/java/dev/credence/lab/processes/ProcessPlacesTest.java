package dev.credence.lab.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the processes of a run are. */
class ProcessPlacesTest {
    @Test
    void theyAreDealtOutInTurn() {
        ProcessPlaces places = new ProcessPlaces(5, List.of("a", "b.example", "fe80::1"));
        assertThat(List.of(places.host(0), places.host(1), places.host(2), places.host(3), places.host(4)))
                .containsExactly("a", "b.example", "fe80::1", "a", "b.example");
        assertThat(places.isHere(3)).isTrue();
        assertThat(places.isHere(4)).isFalse();
        assertThat(List.of(places.seat(0), places.seat(2), places.seat(3), places.seat(4)))
                .containsExactly(0, 0, 1, 1);
        assertThat(ProcessPlaces.here(3).seat(2)).isEqualTo(2);
        assertThat(places.perMachine()).isEqualTo(2);
        assertThat(ProcessPlaces.here(3).perMachine()).isEqualTo(3);
        assertThat(ProcessPlaces.here(1).isShared()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65})
    void theirNumberIsRefusedByItsRule(int number) {
        assertThatThrownBy(() -> ProcessPlaces.here(number))
                .isInstanceOf(InputException.class)
                .hasMessage("processes is " + number + "; it is from 1 to 64");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1 | a b   | hosts is a,b; they are 2 and the processes 1
            3 | a a   | hosts is a,a; each stands there once, whatever the number of processes
            2 | a -oX | hosts is -oX; a host is a name or an address
            2 | a x;y | hosts is x;y; a host is a name or an address
            """)
    void hostsAreRefusedByTheirRule(int number, String hosts, String message) {
        assertThatThrownBy(() -> new ProcessPlaces(number, List.of(hosts.split(" "))))
                .isInstanceOf(InputException.class)
                .hasMessage(message);
    }
}
