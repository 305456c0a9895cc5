package job

import (
	"encoding/json"
	"fmt"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/seal"
)

// Seal encrypts a record for one job: it cannot be opened as another's.
func (r Record) Seal(key seal.Key, application string, id events.ID) ([]byte, error) {
	plain, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encode record: %w", err)
	}
	sealed, err := key.Seal(plain, recordPlace(application, id.String()))
	if err != nil {
		return nil, fmt.Errorf("seal record: %w", err)
	}
	return sealed, nil
}

// OpenRecord decrypts the record of a job. It fails when it was sealed for another job or with another key.
func OpenRecord(key seal.Key, application, id string, sealed []byte) (Record, error) {
	plain, err := key.Open(sealed, recordPlace(application, id))
	if err != nil {
		return Record{}, fmt.Errorf("open record of %s: %w", id, err)
	}
	var r Record
	if err := json.Unmarshal(plain, &r); err != nil {
		return Record{}, fmt.Errorf("read record of %s: %w", id, err)
	}
	return r, nil
}

func recordPlace(application, id string) []byte {
	return []byte("record:" + application + ":" + id)
}
