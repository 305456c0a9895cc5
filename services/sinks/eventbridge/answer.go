package eventbridge

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awsbridge "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/ringback/ringback/services/internal/outbound"
)

// answer is what became of one event in one attempt.
type answer struct {
	status int
	// code is AWS's word for the failure, or a class of package outbound when AWS said nothing; empty when the event was
	// taken.
	code    string
	message string
	// final tells that another attempt would change nothing.
	final bool
	// throttled tells that it was too much at once.
	throttled bool
	took      time.Duration
}

// refusedEntry are the codes of entries that AWS documents as not worth another attempt. One that it does not document is
// tried again.
var refusedEntry = map[string]bool{
	"AccessDeniedException": true, "InvalidAccountIdException": true, "InvalidArgument": true, "MalformedDetail": true,
	"RedactionFailure": true, "NotAuthorizedForSourceException": true, "NotAuthorizedForDetailTypeException": true,
	// Not in the list of today, but of the same kind.
	"ValidationException": true, "NotAuthorizedForSource": true,
}

// refusedRequest are the codes of requests whose entries cannot be taken as they are. What is wrong with credentials,
// policies or the bus itself is not among them: a person can repair it within the days that the schedule has, and all
// events of all applications would be buried meanwhile.
var refusedRequest = map[string]bool{
	"ValidationException": true, "ValidationError": true, "SerializationException": true, "InvalidArgument": true,
	"InvalidParameterValue": true, "MalformedDetail": true, "NotAuthorizedForSourceException": true,
	"NotAuthorizedForDetailTypeException": true, "RequestEntityTooLargeException": true,
}

// read makes an answer for each of n events of what the bus answered. It asks to divide a request that was refused for
// what is in it.
func read(out *awsbridge.PutEventsOutput, err error, n int) (answers []answer, divide bool) {
	if err == nil && len(out.Entries) != n {
		err = fmt.Errorf("the answer is about %d events, and %d were sent", len(out.Entries), n)
	}
	answers = make([]answer, n)
	if err != nil {
		whole := readError(err)
		for i := range answers {
			answers[i] = whole
		}
		return answers, whole.final
	}
	for i, entry := range out.Entries {
		answers[i] = readEntry(entry)
	}
	return answers, false
}

func readEntry(entry types.PutEventsResultEntry) answer {
	a := answer{status: http.StatusOK, code: aws.ToString(entry.ErrorCode), message: text(aws.ToString(entry.ErrorMessage))}
	switch {
	case a.code == "" && aws.ToString(entry.EventId) != "":
		return answer{status: http.StatusOK}
	case a.code == "":
		// Neither taken nor refused: nobody may rely on it.
		a.code, a.message = outbound.ClassProtocol, "the answer has neither an id nor an error for the event"
	}
	a.final, a.throttled = refusedEntry[a.code], throttles(a.code)
	return a
}

// readError reads what failed as a whole. The bus may have taken the events all the same when its answer was lost; then
// they are sent twice.
func readError(err error) answer {
	a := answer{message: text(err.Error())}
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		a.status = response.HTTPStatusCode()
	}
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() != unknownCode && a.status != http.StatusOK {
		a.code = api.ErrorCode()
		if api.ErrorMessage() != "" {
			a.message = text(api.ErrorMessage())
		}
		a.throttled = throttles(a.code)
		a.final = refusedRequest[a.code] || a.status == http.StatusRequestEntityTooLarge
		return a
	}
	a.throttled = a.status == http.StatusTooManyRequests
	a.final = a.status == http.StatusRequestEntityTooLarge
	if a.code = outbound.Classify(err, "the event bus").Class; a.status >= http.StatusMultipleChoices {
		a.code = outbound.ClassStatus
	}
	return a
}

// unknownCode is what the SDK calls an error that it could not read.
const unknownCode = "UnknownError"

func throttles(code string) bool {
	_, ok := retry.DefaultThrottleErrorCodes[code]
	return ok
}

// maxText bounds what is kept of a message.
const maxText = 1 << 10

func text(message string) string {
	return strings.ToValidUTF8(message[:min(len(message), maxText)], "?")
}
