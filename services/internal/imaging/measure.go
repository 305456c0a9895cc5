package imaging

// Measure is one thing that keeps a hostile picture from doing harm beyond its renderer.
type Measure struct {
	// Name is what is taken away from the renderer.
	Name string `json:"name"`
	Held bool   `json:"held"`
	// Why says why it does not hold here; empty when it does.
	Why string `json:"why,omitempty"`
}

// The measures. A pool reports each of them, held or not.
const (
	MeasureProcess     = "process of its own, killed at the deadline"
	MeasureEnvironment = "empty environment"
	MeasurePrivileges  = "no new privileges"
	MeasureParent      = "dies with ringback"
	MeasureNetwork     = "no network"
	MeasureSystemCalls = "no sockets, no programs"
	MeasureFiles       = "few and small files, no core dumps"
	MeasureSecrets     = "no files but libraries"
	MeasureMemory      = "memory limit"
)

func held(name string) Measure { return Measure{Name: name, Held: true} }

func missing(name, why string) Measure { return Measure{Name: name, Why: why} }

// heldIf is the measure that holds unless there was an error.
func heldIf(name string, err error) Measure {
	if err != nil {
		return missing(name, err.Error())
	}
	return held(name)
}
